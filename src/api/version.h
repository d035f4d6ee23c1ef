// The version that files and reports carry.
#pragma once

namespace hasten::api {

inline constexpr char k_version[] = HASTEN_VERSION;

}  // namespace hasten::api

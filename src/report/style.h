// The style sheet of all reports.
#pragma once

namespace hasten::report {

extern const char k_style[];

}  // namespace hasten::report

// Short ways to throw hasten::Error from inside the library.
#pragma once

#include <hasten/error.h>

#include <string>

namespace hasten {

[[noreturn]] inline void fail(ErrorCode code, std::string what, std::string where = {},
                              std::string cause = {}, std::string remedy = {}) {
  throw Error({code, std::move(what), std::move(where), std::move(cause), std::move(remedy)});
}

}  // namespace hasten

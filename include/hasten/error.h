// The one exception type of Hasten, and what each kind of failure means.
#pragma once

#include <exception>
#include <string>

namespace hasten {

// Every code is also the exit code of the `hasten` command (docs/errors.md).
enum class ErrorCode : int {
  k_usage = 2,        // an option or argument that cannot be taken
  k_not_found = 3,    // a file or folder that is missing or cannot be opened
  k_malformed = 4,    // a file that is not what it claims to be
  k_unsupported = 5,  // well-formed, but nothing here can run it: architecture, precision, device
  k_bad_data = 6,     // texts or tables that cannot be used: no such column, undecodable
  k_output = 7,       // an output that cannot be written
  k_over_budget = 8,  // a comparison that was made, and failed
  k_incomplete = 9,   // a job that stopped before its end and can be resumed
  k_out_of_memory = 10,  // memory of the host or of the device
  k_internal = 70,       // a defect of Hasten itself
};

// What went wrong, told so that its reader can act on it.
struct ErrorDetails {
  ErrorCode code = ErrorCode::k_internal;
  std::string what;    // one clause: "the file ends inside the tensor data"
  std::string where;   // the file, byte, row, tensor or node; may be empty
  std::string cause;   // the likely cause; may be empty
  std::string remedy;  // what to do about it; may be empty
};

// Thrown by every function of the library that cannot do its work. Bad rows of data are values, not
// errors; a defect asserts. what() is the whole message in at most two lines.
class Error : public std::exception {
 public:
  explicit Error(ErrorDetails details);
  const char* what() const noexcept override { return message_.c_str(); }
  ErrorCode code() const { return details_.code; }
  const ErrorDetails& details() const { return details_; }

 private:
  ErrorDetails details_;
  std::string message_;
};

// "malformed", "not_found", ...: the code's name in JSON output and in tests.
const char* error_code_name(ErrorCode code);

}  // namespace hasten

#include "base/error.h"

namespace hasten {
namespace {

// "WHERE: WHAT (CAUSE)\nREMEDY", leaving out what is empty.
std::string compose(const ErrorDetails& details) {
  std::string message;
  if (!details.where.empty()) message += details.where + ": ";
  message += details.what;
  if (!details.cause.empty()) message += " (" + details.cause + ")";
  if (!details.remedy.empty()) message += "\n" + details.remedy;
  return message;
}

}  // namespace

Error::Error(ErrorDetails details) : details_(std::move(details)), message_(compose(details_)) {}

const char* error_code_name(ErrorCode code) {
  switch (code) {
    case ErrorCode::k_usage:
      return "usage";
    case ErrorCode::k_not_found:
      return "not_found";
    case ErrorCode::k_malformed:
      return "malformed";
    case ErrorCode::k_unsupported:
      return "unsupported";
    case ErrorCode::k_bad_data:
      return "bad_data";
    case ErrorCode::k_output:
      return "output";
    case ErrorCode::k_over_budget:
      return "over_budget";
    case ErrorCode::k_incomplete:
      return "incomplete";
    case ErrorCode::k_out_of_memory:
      return "out_of_memory";
    case ErrorCode::k_internal:
      return "internal";
  }
  return "internal";
}

}  // namespace hasten

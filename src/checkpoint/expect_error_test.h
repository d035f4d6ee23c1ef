// Asserting that something throws hasten::Error of one code whose message says one thing.
#pragma once

#include <gmock/gmock.h>
#include <hasten/error.h>

#include <string>

namespace hasten::checkpoint {

template <typename Action>
void expect_error(ErrorCode code, const std::string& message_part, Action action) {
  try {
    action();
    ADD_FAILURE() << "no error where " << error_code_name(code) << " was expected";
  } catch (const Error& error) {
    EXPECT_STREQ(error_code_name(error.code()), error_code_name(code)) << error.what();
    EXPECT_THAT(error.what(), testing::HasSubstr(message_part));
  }
}

}  // namespace hasten::checkpoint

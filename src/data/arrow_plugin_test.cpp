#include "data/arrow_plugin.h"

#include <gmock/gmock.h>
#include <hasten/error.h>

#include "data/score_writer.h"

namespace hasten::data {
namespace {

// This program lies in a folder where the plug-in is not.
TEST(ArrowPlugin, SaysThatItIsMissing) {
  for (int attempt = 0; attempt < 2; ++attempt) {
    try {
      open_parquet_writer("a.parquet", {});
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::k_not_found);
      EXPECT_THAT(error.what(), testing::HasSubstr("libhasten_arrow.so"));
      EXPECT_THAT(error.details().remedy, testing::HasSubstr("beside the program"));
    }
  }
}

}  // namespace
}  // namespace hasten::data

#include "architectures/encoder_settings.h"

#include <fmt/format.h>

#include "base/error.h"

namespace hasten::architectures {

void expect_plain_encoder(Settings& settings) {
  settings.expect_off("is_decoder", "a decoder attends to the left only, which is not built here");
  settings.expect_off("add_cross_attention", "cross-attention needs a second text encoder");
  settings.expect_off("is_encoder_decoder", "only encoders are built here");
  settings.expect_off("pruned_heads", "layers with heads cut out are not built here");
}

HeadSizes divide_heads(const Settings& settings, std::int64_t width, std::int64_t heads) {
  if (width % heads != 0) {
    fail(ErrorCode::k_malformed,
         fmt::format("the hidden size {} cannot be divided among {} attention heads", width, heads),
         settings.where(), "the file is damaged",
         "Use the config.json that was saved with the weights.");
  }
  return {heads, width / heads};
}

}  // namespace hasten::architectures

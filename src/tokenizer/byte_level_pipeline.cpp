#include "tokenizer/byte_level_pipeline.h"

#include "tokenizer/cached_model.h"
#include "tokenizer/gpt2_split.h"

namespace hasten::tokenizer {
namespace {

class ByteLevelScratch : public PipelineScratch {
 public:
  explicit ByteLevelScratch(const Model& of) : model(of) {}
  NormalizerScratch normalizer;
  std::string prefixed;
  CachedModel model;
};

}  // namespace

ByteLevelPipeline::ByteLevelPipeline(Normalizer normalizer, bool add_prefix_space,
                                     std::shared_ptr<const Bpe> model)
    : normalizer_(std::move(normalizer)),
      add_prefix_space_(add_prefix_space),
      model_(std::move(model)) {}

std::unique_ptr<PipelineScratch> ByteLevelPipeline::make_scratch() const {
  return std::make_unique<ByteLevelScratch>(*model_);
}

void ByteLevelPipeline::encode(std::string_view text, std::size_t, PipelineScratch& scratch,
                               std::vector<std::int32_t>& ids, std::size_t enough) const {
  auto& own = static_cast<ByteLevelScratch&>(scratch);
  NormalizerContext context{own.normalizer};
  text = normalizer_.apply(text, context);
  if (add_prefix_space_ && !text.empty() && text[0] != ' ') {
    own.prefixed.assign(1, ' ').append(text);
    text = own.prefixed;
  }
  while (!text.empty() && ids.size() <= enough) {
    const std::string_view piece = text.substr(0, gpt2_piece_length(text));
    text.remove_prefix(piece.size());
    own.model.encode(piece, ids, [&](ModelScratch* model_scratch, std::vector<std::int32_t>& out) {
      model_->encode_bytes(piece, model_scratch, out);
    });
  }
}

}  // namespace hasten::tokenizer

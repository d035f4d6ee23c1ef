#include "tokenizer/generic_pipeline.h"

#include "tokenizer/cached_model.h"

namespace hasten::tokenizer {
namespace {

class GenericScratch : public PipelineScratch {
 public:
  explicit GenericScratch(const Model& of) : model(of) {}
  NormalizerScratch normalizer;
  PreTokenizerScratch pre_tokenizer;
  CachedModel model;
};

}  // namespace

GenericPipeline::GenericPipeline(Normalizer normalizer, PreTokenizer pre_tokenizer,
                                 std::shared_ptr<const Model> model)
    : normalizer_(std::move(normalizer)),
      pre_tokenizer_(std::move(pre_tokenizer)),
      model_(std::move(model)) {}

std::unique_ptr<PipelineScratch> GenericPipeline::make_scratch() const {
  return std::make_unique<GenericScratch>(*model_);
}

void GenericPipeline::encode(std::string_view text, std::size_t start_length,
                             PipelineScratch& scratch, std::vector<std::int32_t>& ids,
                             std::size_t enough) const {
  auto& own = static_cast<GenericScratch&>(scratch);
  NormalizerContext context{own.normalizer, start_length};
  text = normalizer_.apply(text, context);
  const Pieces& pieces = pre_tokenizer_.apply(text, context.start_length, own.pre_tokenizer);
  for (const Pieces::Piece& piece : pieces.pieces) {
    if (ids.size() > enough) break;
    const std::string_view view = pieces.view(piece);
    own.model.encode(view, ids, [&](ModelScratch* model_scratch, std::vector<std::int32_t>& out) {
      model_->encode(view, model_scratch, out);
    });
  }
}

}  // namespace hasten::tokenizer

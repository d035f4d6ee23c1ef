// Runs any definition as it is written: normalizers, pre-tokenizers, model.
#pragma once

#include <memory>

#include "tokenizer/model.h"
#include "tokenizer/normalizer.h"
#include "tokenizer/pipeline.h"
#include "tokenizer/pre_tokenizer.h"

namespace hasten::tokenizer {

class GenericPipeline : public Pipeline {
 public:
  GenericPipeline(Normalizer normalizer, PreTokenizer pre_tokenizer,
                  std::shared_ptr<const Model> model);

  std::unique_ptr<PipelineScratch> make_scratch() const override;
  void encode(std::string_view text, std::size_t start_length, PipelineScratch& scratch,
              std::vector<std::int32_t>& ids, std::size_t enough) const override;

 private:
  Normalizer normalizer_;
  PreTokenizer pre_tokenizer_;
  std::shared_ptr<const Model> model_;
};

}  // namespace hasten::tokenizer

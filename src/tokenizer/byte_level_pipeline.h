// ByteLevel and BPE in one pass: the stand-ins of the bytes are never written.
#pragma once

#include <memory>

#include "tokenizer/bpe.h"
#include "tokenizer/normalizer.h"
#include "tokenizer/pipeline.h"

namespace hasten::tokenizer {

class ByteLevelPipeline : public Pipeline {
 public:
  // `model` must have encodes_bytes().
  ByteLevelPipeline(Normalizer normalizer, bool add_prefix_space, std::shared_ptr<const Bpe> model);

  std::unique_ptr<PipelineScratch> make_scratch() const override;
  void encode(std::string_view text, std::size_t start_length, PipelineScratch& scratch,
              std::vector<std::int32_t>& ids, std::size_t enough) const override;

 private:
  Normalizer normalizer_;
  bool add_prefix_space_;
  std::shared_ptr<const Bpe> model_;
};

}  // namespace hasten::tokenizer

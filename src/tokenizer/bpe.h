// The BPE model: neighbouring symbols merge, the lowest rank first.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "tokenizer/merge_table.h"
#include "tokenizer/model.h"

namespace hasten::tokenizer {

class Bpe : public Model {
 public:
  // Throws k_malformed when the unknown token is no token.
  Bpe(Vocabulary vocabulary, BpeDefinition options);

  std::unique_ptr<ModelScratch> make_scratch() const override;
  void encode(std::string_view piece, ModelScratch* scratch,
              std::vector<std::int32_t>& ids) const override;
  const Vocabulary& vocabulary() const override { return vocabulary_; }
  std::string name() const override { return "BPE"; }

  // Whether encode_bytes() gives for any bytes what encode() gives for their stand-ins.
  bool encodes_bytes() const { return encodes_bytes_; }
  // The ids of the piece that ByteLevel makes of `bytes`.
  void encode_bytes(std::string_view bytes, ModelScratch* scratch,
                    std::vector<std::int32_t>& ids) const;

 private:
  class BpeScratch;
  // Unknown code points that still wait for the known one that ends them.
  struct Unknown {
    bool pending = false;
  };

  void fill_byte_ids();
  void add_symbols(std::string_view piece, std::vector<std::int32_t>& symbols) const;
  void add_unknown(std::string_view text, Unknown& unknown,
                   std::vector<std::int32_t>& symbols) const;
  void merge(BpeScratch& scratch, std::vector<std::int32_t>& ids) const;
  void merge_short(BpeScratch& scratch, std::vector<std::int32_t>& ids) const;
  void merge_long(BpeScratch& scratch, std::vector<std::int32_t>& ids) const;

  Vocabulary vocabulary_;
  BpeDefinition options_;
  MergeTable merges_;
  std::vector<std::int32_t> merged_ids_;  // by rank
  std::optional<std::int32_t> unknown_id_;
  DoubleArray::State inside_word_;                // after the prefix of later symbols
  std::array<std::int32_t, 256> byte_ids_{};      // of the stand-in of each byte
  std::array<std::int32_t, 256> fallback_ids_{};  // of <0x00> and so on; -1: no token
  bool encodes_bytes_ = false;
};

}  // namespace hasten::tokenizer

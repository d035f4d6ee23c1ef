// Reads the model files of sentencepiece: a protobuf message ModelProto.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hasten::tokenizer {

// The parts of ModelProto that a tokenizer needs, by sentencepiece_model.proto.
struct SentencePieceModel {
  enum class PieceType { k_normal = 1, k_unknown, k_control, k_user_defined, k_unused, k_byte };
  struct Piece {
    std::string text;
    float score = 0;
    PieceType type = PieceType::k_normal;
  };
  enum class Algorithm { k_unigram = 1, k_bpe, k_word, k_char };

  std::vector<Piece> pieces;
  Algorithm algorithm = Algorithm::k_unigram;
  std::int32_t unknown_id = 0;
  std::string unknown_piece = "<unk>";
  std::string charsmap;  // may be empty
};

// `where` names the file. Throws k_malformed.
SentencePieceModel read_sentencepiece_model(std::string_view bytes, const std::string& where);

}  // namespace hasten::tokenizer

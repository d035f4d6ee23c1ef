#include "tokenizer/sentencepiece_model.h"

#include <protozero/pbf_reader.hpp>

#include "base/error.h"
#include "tokenizer/utf8.h"

namespace hasten::tokenizer {
namespace {

// Field numbers of sentencepiece_model.proto.
enum ModelField { k_pieces = 1, k_trainer_spec = 2, k_normalizer_spec = 3 };
enum PieceField { k_piece = 1, k_score = 2, k_type = 3 };
enum TrainerField { k_model_type = 3, k_unk_id = 40, k_unk_piece = 45 };
enum NormalizerField { k_precompiled_charsmap = 2 };

using protozero::pbf_wire_type;
using protozero::tag_and_type;
constexpr auto k_bytes = pbf_wire_type::length_delimited;
constexpr auto k_number = pbf_wire_type::varint;
constexpr auto k_float = pbf_wire_type::fixed32;

[[noreturn]] void fail_malformed(std::string what, const std::string& where) {
  fail(ErrorCode::k_malformed, std::move(what), where, "it is not a sentencepiece model");
}

// Fields are told by number and wire type together: one with another type is skipped as unknown.

SentencePieceModel::Piece read_piece(protozero::pbf_reader message) {
  SentencePieceModel::Piece piece;
  while (message.next()) {
    switch (message.tag_and_type()) {
      case tag_and_type(k_piece, k_bytes):
        piece.text = message.get_string();
        break;
      case tag_and_type(k_score, k_float):
        piece.score = message.get_float();
        break;
      case tag_and_type(k_type, k_number):
        piece.type = static_cast<SentencePieceModel::PieceType>(message.get_enum());
        break;
      default:
        message.skip();
    }
  }
  return piece;
}

void read_trainer_spec(protozero::pbf_reader message, SentencePieceModel& model) {
  while (message.next()) {
    switch (message.tag_and_type()) {
      case tag_and_type(k_model_type, k_number):
        model.algorithm = static_cast<SentencePieceModel::Algorithm>(message.get_enum());
        break;
      case tag_and_type(k_unk_id, k_number):
        model.unknown_id = message.get_int32();
        break;
      case tag_and_type(k_unk_piece, k_bytes):
        model.unknown_piece = message.get_string();
        break;
      default:
        message.skip();
    }
  }
}

void read_normalizer_spec(protozero::pbf_reader message, SentencePieceModel& model) {
  while (message.next()) {
    if (message.tag_and_type() == tag_and_type(k_precompiled_charsmap, k_bytes)) {
      model.charsmap = message.get_bytes();
    } else {
      message.skip();
    }
  }
}

// The pieces come first in a file, then the two others: without them, it was cut between two fields.
SentencePieceModel read_model(protozero::pbf_reader message, const std::string& where) {
  SentencePieceModel model;
  bool has_trainer = false;
  bool has_normalizer = false;
  while (message.next()) {
    switch (message.tag_and_type()) {
      case tag_and_type(k_pieces, k_bytes):
        model.pieces.push_back(read_piece(message.get_message()));
        break;
      case tag_and_type(k_trainer_spec, k_bytes):
        read_trainer_spec(message.get_message(), model);
        has_trainer = true;
        break;
      case tag_and_type(k_normalizer_spec, k_bytes):
        read_normalizer_spec(message.get_message(), model);
        has_normalizer = true;
        break;
      default:
        message.skip();
    }
  }
  if (model.pieces.empty()) fail_malformed("the model has no pieces", where);
  if (!has_trainer || !has_normalizer)
    fail_malformed("the file ends before its settings: it was cut", where);
  return model;
}

}  // namespace

SentencePieceModel read_sentencepiece_model(std::string_view bytes, const std::string& where) {
  try {
    SentencePieceModel model =
        read_model(protozero::pbf_reader(protozero::data_view(bytes.data(), bytes.size())), where);
    for (const auto& piece : model.pieces) {
      if (!is_valid_utf8(piece.text)) fail_malformed("a piece is not UTF-8", where);
    }
    return model;
  } catch (const protozero::exception& error) {
    fail_malformed(std::string("the file is cut or damaged: ") + error.what(), where);
  }
}

}  // namespace hasten::tokenizer

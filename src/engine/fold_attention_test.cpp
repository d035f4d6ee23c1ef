#include "engine/fold_attention.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/cpu/cpu_backend.h"
#include "engine/cpu/programs_for_tests.h"
#include "engine/describe.h"

namespace hasten::engine {
namespace {

using cpu::reference::ModelMaker;
using cpu::reference::ModelShape;
using cpu::reference::PackedBatch;
using cpu::reference::Random;
using cpu::reference::Sequence;

Program make(const ModelShape& shape) {
  Random random(5);
  return ModelMaker(random, shape).make();
}

std::vector<Sequence> sequences() {
  Random random(6);
  std::vector<Sequence> result;
  for (const std::size_t length : {5, 1, 24, 17, 33, 70, 2, 16, 40, 9, 9, 12, 25, 3}) {
    result.push_back(cpu::reference::random_sequence(random, length));
  }
  return result;
}

std::vector<float> run(const Program& program, const std::string& isa,
                       const std::vector<Sequence>& texts, int threads) {
  const PackedBatch batch(texts);
  std::vector<float> logits(texts.size() * static_cast<std::size_t>(program.class_count));
  cpu::prepare(program, {isa})
      ->make_stream({.threads = threads, .profile = false})
      ->run(batch.view(), logits);
  return logits;
}

std::vector<std::string> instruction_sets() {
  std::vector<std::string> names;
  for (const auto& set : cpu::instruction_sets()) {
    if (set.available) names.push_back(set.name);
  }
  return names;
}

// Head sizes and widths that are and are not whole vectors.
std::vector<ModelShape> shapes() {
  return {{.hidden = 32, .intermediate = 64, .heads = 2, .layers = 2},
          {.hidden = 130,
           .intermediate = 37,
           .heads = 5,
           .layers = 1,
           .classes = 1,
           .packed_qkv = false},
          {.hidden = 340, .intermediate = 20, .heads = 20, .layers = 1}};
}

TEST(FoldAttention, KeysAndValuesOfTheLastLayerGo) {
  Program program = make({.hidden = 32, .intermediate = 64, .heads = 2, .layers = 1});
  ASSERT_TRUE(fold_attention(program));
  const std::string text = describe(program);
  EXPECT_NE(text.find("s4[32] = FoldedAttention(s2+0, t0) heads 2\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("32x64 bias\n"), std::string::npos) << text;
  EXPECT_FALSE(fold_attention(program));
}

TEST(FoldAttention, EqualsTheDoublePrecisionReference) {
  for (const ModelShape& shape : shapes()) {
    const Program whole = make(shape);
    Program folded = whole;
    ASSERT_TRUE(fold_attention(folded));
    std::vector<double> expected;
    for (const Sequence& sequence : sequences()) {
      const auto logits = cpu::reference::run(whole, sequence);
      const auto again = cpu::reference::run(folded, sequence);
      for (std::size_t i = 0; i < logits.size(); ++i) EXPECT_NEAR(again[i], logits[i], 1e-10);
      expected.insert(expected.end(), logits.begin(), logits.end());
    }
    for (const std::string& isa : instruction_sets()) {
      const auto logits = run(folded, isa, sequences(), 1);
      for (std::size_t i = 0; i < logits.size(); ++i)
        ASSERT_NEAR(logits[i], expected[i], 1e-5) << isa << i;
    }
  }
}

TEST(FoldAttention, GivesTheSameBitsInEveryBatchThreadCountAndInstructionSet) {
  for (const ModelShape& shape : shapes()) {
    Program folded = make(shape);
    ASSERT_TRUE(fold_attention(folded));
    std::vector<float> alone;
    for (const Sequence& sequence : sequences()) {
      const auto logits = run(folded, "scalar", {sequence}, 1);
      alone.insert(alone.end(), logits.begin(), logits.end());
    }
    for (const std::string& isa : instruction_sets()) {
      for (const int threads : {1, 2, 3})
        EXPECT_EQ(run(folded, isa, sequences(), threads), alone) << isa << threads;
      const auto first = run(folded, isa, {sequences()[0]}, 3);
      EXPECT_EQ(first, std::vector<float>(alone.begin(), alone.begin() + shape.classes)) << isa;
    }
  }
}

// Keys and values that are stored as int8, transposed and not.
TEST(FoldAttention, TakesStoredScales) {
  Program whole =
      make({.hidden = 32, .intermediate = 64, .heads = 2, .layers = 1, .packed_qkv = false});
  for (Instruction& instruction : whole.instructions) {
    auto* linear = std::get_if<Linear>(&instruction);
    if (linear == nullptr) continue;
    std::vector<std::int8_t> values;
    for (const float value : to_float32(linear->weight.values)) {
      values.push_back(static_cast<std::int8_t>(value * 50));
    }
    linear->weight.values =
        make_tensor<std::int8_t>(Dims(linear->weight.values.dims), std::move(values));
    std::vector<float> scales;
    for (std::int64_t i = 0; i < linear->weight.outputs(); ++i)
      scales.push_back(0.02F + 0.0001F * static_cast<float>(i));
    linear->weight.scales = make_tensor<float>({linear->weight.outputs()}, std::move(scales));
  }
  Program folded = whole;
  ASSERT_TRUE(fold_attention(folded));
  const auto expected = run(whole, {}, sequences(), 1);
  const auto logits = run(folded, {}, sequences(), 1);
  for (std::size_t i = 0; i < logits.size(); ++i) EXPECT_NEAR(logits[i], expected[i], 1e-5);
}

void expect_unchanged(Program program) {
  const std::string before = describe(program);
  EXPECT_FALSE(fold_attention(program));
  EXPECT_EQ(describe(program), before);
}

Attention& last_attention(Program& program) {
  Attention* last = nullptr;
  for (Instruction& instruction : program.instructions) {
    if (auto* attention = std::get_if<Attention>(&instruction)) last = attention;
  }
  return *last;
}

TEST(FoldAttention, LeavesEverythingElseAlone) {
  expect_unchanged(make({.last_layer_first_token = false}));
  expect_unchanged(make({.pool = PoolKind::k_mean}));
  expect_unchanged(make({.hidden = 24, .heads = 3}));  // heads of 8

  Program windowed = make({});
  last_attention(windowed).window = 4;
  expect_unchanged(windowed);

  Program read_twice = make({});
  const BufferId keys = last_attention(read_twice).key.buffer;
  const BufferId pooled = read_twice.add_buffer(Rows::k_sequences, read_twice.buffer(keys).width);
  read_twice.instructions.emplace_back(Pool{keys, PoolKind::k_first_token, pooled});
  expect_unchanged(read_twice);

  Program overwritten = make({.layers = 1});
  const auto at =
      std::find_if(overwritten.instructions.begin(), overwritten.instructions.end(),
                   [](const auto& op) { return std::holds_alternative<Attention>(op); });
  const BufferId input{0};
  overwritten.instructions.insert(at, Activate{input, Activation::k_relu, input});
  expect_unchanged(overwritten);
}

}  // namespace
}  // namespace hasten::engine

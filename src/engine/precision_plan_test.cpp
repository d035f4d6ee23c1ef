#include "engine/precision_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "engine/product_names.h"

namespace hasten::engine {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

std::string failure_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return std::string(error_code_name(error.code())) + ": " + error.what();
  }
  return "none";
}

Tensor zeros(Dims dims) {
  std::vector<float> values(static_cast<std::size_t>(*element_count(dims)));
  return make_tensor<float>(std::move(dims), std::move(values));
}

// Programs without values: names depend on the data flow alone.
struct Builder {
  Program program;

  BufferId linear(BufferId input, std::int64_t outputs) {
    const Buffer source = program.buffer(input);
    Linear op;
    op.input = input;
    op.weight.values = zeros({source.width, outputs});
    op.output = program.add_buffer(source.rows, outputs);
    program.instructions.emplace_back(op);
    return op.output;
  }
  BufferId attention(BufferId query, BufferId key, BufferId value) {
    const BufferId output = program.add_buffer(Rows::k_tokens, 4);
    program.instructions.emplace_back(Attention{{query, 0}, {key, 0}, {value, 0}, 2, 2, 1, output});
    return output;
  }
  BufferId activate(BufferId input) {
    const BufferId output =
        program.add_buffer(program.buffer(input).rows, program.buffer(input).width);
    program.instructions.emplace_back(Activate{input, Activation::k_tanh, output});
    return output;
  }
  BufferId pool(BufferId input) {
    const BufferId output = program.add_buffer(Rows::k_sequences, program.buffer(input).width);
    program.instructions.emplace_back(Pool{input, PoolKind::k_first_token, output});
    return output;
  }
  std::vector<std::string> names() {
    name_products(program);
    std::vector<std::string> names;
    for (const MatrixProduct& product : products_of(program)) names.push_back(product.name);
    return names;
  }
};

Builder two_layers() {
  Builder builder;
  BufferId hidden = builder.program.add_buffer(Rows::k_tokens, 4);
  for (int layer = 0; layer < 2; ++layer) {
    const BufferId packed = builder.linear(hidden, 12);
    const BufferId attended = builder.linear(builder.attention(packed, packed, packed), 4);
    hidden = builder.linear(builder.linear(attended, 8), 4);
  }
  builder.linear(builder.activate(builder.linear(builder.pool(hidden), 4)), 2);
  name_products(builder.program);
  return builder;
}

TEST(ProductNames, FollowTheDataFlow) {
  EXPECT_THAT(two_layers().names(),
              ElementsAre("layer 1 query, key and value", "layer 1 attention output",
                          "layer 1 feed-forward input", "layer 1 feed-forward output",
                          "layer 2 query, key and value", "layer 2 attention output",
                          "layer 2 feed-forward input", "layer 2 feed-forward output", "pooler",
                          "classifier"));
}

TEST(ProductNames, TellSeparateOperandsAndGatesApart) {
  Builder builder;
  const BufferId words = builder.program.add_buffer(Rows::k_tokens, 4);
  const BufferId hidden = builder.linear(words, 4);
  const BufferId query = builder.activate(builder.linear(hidden, 4));
  const BufferId key = builder.linear(hidden, 4);
  const BufferId value = builder.linear(hidden, 4);
  const BufferId attended = builder.linear(builder.attention(query, key, value), 4);
  builder.linear(attended, 8);
  builder.linear(builder.linear(attended, 8), 4);
  EXPECT_THAT(builder.names(),
              ElementsAre("embedding projection", "layer 1 query", "layer 1 key", "layer 1 value",
                          "layer 1 attention output", "layer 1 feed-forward input",
                          "layer 1 feed-forward input 2", "layer 1 feed-forward output"));
}

TEST(ProductNames, KeepAHeadOverAllTokensOutOfTheLastLayer) {
  Builder builder;
  BufferId hidden = builder.program.add_buffer(Rows::k_tokens, 4);
  for (int layer = 0; layer < 2; ++layer) {
    const BufferId packed = builder.linear(hidden, 12);
    hidden = builder.linear(builder.attention(packed, packed, packed), 4);
  }
  builder.linear(builder.pool(builder.linear(hidden, 4)), 2);
  EXPECT_THAT(builder.names(),
              ElementsAre("layer 1 query, key and value", "layer 1 attention output",
                          "layer 2 query, key and value", "layer 2 attention output", "pooler",
                          "classifier"));
}

TEST(PrecisionPlan, GivesEachProductItsPrecision) {
  Builder builder = two_layers();
  PrecisionPlan plan(Precision::k_int8);
  plan.products["layer 2 feed-forward output"] = Precision::k_bfloat16;
  plan.products["classifier"] = Precision::k_float32;
  apply(plan, builder.program);
  for (const MatrixProduct& product : products_of(builder.program)) {
    EXPECT_EQ(product.precision, plan.of(product.name)) << product.name;
  }
  EXPECT_EQ(plan.of("classifier"), Precision::k_float32);
  EXPECT_EQ(plan.of("pooler"), Precision::k_int8);
  EXPECT_EQ(summary(products_of(builder.program)),
            "int8, 1 of 10 products fp32, 1 of 10 products bf16");
}

TEST(PrecisionPlan, RefusesProductsThatTheModelLacks) {
  Builder builder = two_layers();
  PrecisionPlan plan;
  plan.products["layer 3 feed-forward output"] = Precision::k_int8;
  EXPECT_THAT(failure_of([&] { apply(plan, builder.program); }),
              AllOf(HasSubstr("unsupported"),
                    HasSubstr("no matrix product 'layer 3 feed-forward output'")));
}

TEST(PrecisionPlan, ReadsBackWhatItWrites) {
  PrecisionPlan plan(Precision::k_int8);
  plan.products["layer 3 feed-forward output"] = Precision::k_bfloat16;
  plan.products["pooler"] = Precision::k_int8_plain;
  const std::string json = to_json(plan);
  EXPECT_EQ(
      json,
      R"({"everywhere": "int8", "products": {"layer 3 feed-forward output": "bf16", "pooler": "int8-plain"}})");
  EXPECT_EQ(parse_precision_plan(json, "here"), plan);
  EXPECT_EQ(parse_precision_plan(R"({"everywhere":"bf16"})", "here"),
            PrecisionPlan(Precision::k_bfloat16));
}

TEST(PrecisionPlan, RefusesDamage) {
  const auto failure = [](std::string_view json) {
    return failure_of([&] { parse_precision_plan(json, "the record"); });
  };
  for (const std::string_view json :
       {"", "[]", "{", R"({"everywhere":1})", R"({"everywhere":"int8","products":[]})",
        R"({"everywhere":"int8","products":{"pooler":7}})"}) {
    EXPECT_THAT(failure(json), HasSubstr("malformed: ")) << json;
  }
  EXPECT_THAT(failure(R"({"everywhere":"int4"})"), HasSubstr("there is no precision 'int4'"));
  EXPECT_THAT(failure(R"({"everywhere":"int8","product":{}})"), HasSubstr("no entry 'product'"));
  EXPECT_THAT(failure(R"({"products":{}})"), HasSubstr("must have the entry 'everywhere'"));
}

}  // namespace
}  // namespace hasten::engine

#include "graph/passes/rewrite_test.h"

namespace hasten::graph {
namespace {

using testing::HasSubstr;

// Two heads of 2 times the vectors of distances below 8 that a text has, as DeBERTa (the first) looks them up.
const std::string k_start = R"(
  input ids int64[batch, n]
  const words float32[9, 4] = ...
  const table float32[16, 4] = ...
  const w float32[4, 4] = ...
  const shape int64[4] = 0 0 2 2
  const front int64[1] = 0
  const one int64[1] = 1
  const most int64[1] = 8
  const two int64[1] = 2
  const nothing int64[] = 0
  const step int64[] = 1
  x = Gather(words, ids)
  h = Reshape(x, shape)
  q = Transpose(h) {perm=[0, 2, 1, 3]}
  sizes = Shape(ids)
  length = Slice(sizes, one, two, front)
  span = Min(length, most)
  start = Sub(most, span)
  end = Add(most, span)
  cut = Slice(table, start, end, front, one)
  projected = MatMul(cut, w)
  batched = Unsqueeze(projected, front)
  split = Reshape(batched, shape)
  turned = Transpose(split) {perm=[0, 2, 3, 1]}
  products = MatMul(q, turned)
  count = Squeeze(length, front)
  places = Range(nothing, count, step)
  rows = Unsqueeze(places, one)
  columns = Unsqueeze(places, front)
  distances = Sub(rows, columns)
)";
const std::string k_end = R"(
  texts = Slice(sizes, front, one, front)
  heads = Identity(two)
  dims = Concat(texts, heads, length, length) {axis=0}
  entries = Expand(shifted, dims)
  y = GatherElements(products, entries) {axis=-1}
  z = Neg(y)
  output z
)";

double changed(const std::string& text, Dims dims) {
  std::vector<std::int64_t> ids;
  for (std::int64_t i = 0; i < dims[0] * dims[1]; ++i) ids.push_back(i * 5 % 9);
  return difference_after(widen_sliced_tables, text,
                          {{"ids", make_tensor<std::int64_t>(dims, std::move(ids))}});
}

TEST(WidenSlicedTables, EntriesCountFromTheWholeTablesStart) {
  const std::string text = k_start + "shifted = Add(distances, span)\n" + k_end;
  const Rewritten result = rewrite(widen_sliced_tables, text);
  EXPECT_EQ(result.outcome.rewrites, 1U);
  EXPECT_THAT(result.text, HasSubstr("MatMul(table, w)"));
  EXPECT_THAT(result.text, HasSubstr("Add(shifted, start)"));
  for (const Dims& dims : {Dims{2, 3}, Dims{1, 6}}) EXPECT_EQ(changed(text, dims), 0) << dims[1];
}

// A product that depends on how much was cut out is another with the whole table.
TEST(WidenSlicedTables, LeavesWhatMeasuresTheCutAlone) {
  std::string text = k_start + "shifted = Add(distances, span)\n" + k_end;
  const std::string plain = "projected = MatMul(cut, w)";
  text.replace(text.find(plain), plain.size(), R"(m = MatMul(cut, w)
  total = ReduceSum(m) {axes=[0], keepdims=1}
  projected = Mul(m, total))");
  EXPECT_EQ(rewrite(widen_sliced_tables, text).outcome.rewrites, 0U);
}

}  // namespace
}  // namespace hasten::graph

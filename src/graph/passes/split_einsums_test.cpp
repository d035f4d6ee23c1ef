#include "graph/passes/rewrite_test.h"

namespace hasten::graph {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view k_scores = R"(
  input q float32[b, s, 2, 3]
  input k float32[b, t, 2, 3]
  y = Einsum(q, k) {equation="bqhd,bkhd->bhqk"}
  output y
)";

TEST(SplitEinsums, ScoresOfHeads) {
  EXPECT_THAT(rewrite(split_einsums, k_scores).text, HasSubstr("MatMul"));
  EXPECT_THAT(rewrite(split_einsums, k_scores).text, Not(HasSubstr("Einsum")));
  const std::map<std::string, Tensor> inputs = {{"q", numbers({2, 4, 2, 3})},
                                                {"k", numbers({2, 5, 2, 3})}};
  EXPECT_LT(difference_after(split_einsums, k_scores, inputs), 1e-12);
}

TEST(SplitEinsums, ValuesOfHeads) {
  constexpr std::string_view k_values = R"(
    input p float32[b, 2, s, t]
    input v float32[b, t, 2, 3]
    y = Einsum(p, v) {equation="bhqk,bkhd->bqhd"}
    output y
  )";
  EXPECT_THAT(rewrite(split_einsums, k_values).text, Not(HasSubstr("Einsum")));
  const std::map<std::string, Tensor> inputs = {{"p", numbers({2, 2, 4, 5})},
                                                {"v", numbers({2, 5, 2, 3})}};
  EXPECT_LT(difference_after(split_einsums, k_values, inputs), 1e-12);
}

TEST(SplitEinsums, DenseLayerOverHeads) {
  constexpr std::string_view k_dense = R"(
    input c float32[b, s, 2, 2]
    const w float32[2, 2, 3] = 1 2 3 4 5 6 7 8 9 10 11 12
    y = Einsum(c, w) {equation="bfnd,ndh->bfh"}
    output y
  )";
  EXPECT_THAT(rewrite(split_einsums, k_dense).text, HasSubstr("float32[4, 3]"));
  EXPECT_LT(difference_after(split_einsums, k_dense, {{"c", numbers({2, 3, 2, 2})}}), 1e-12);
}

TEST(SplitEinsums, DenseLayerToHeads) {
  constexpr std::string_view k_dense = R"(
    input x float32[b, s, 3]
    const w float32[3, 2, 2] = 1 2 3 4 5 6 7 8 9 10 11 12
    y = Einsum(x, w) {equation="bfh,hnd->bfnd"}
    output y
  )";
  EXPECT_THAT(rewrite(split_einsums, k_dense).text, Not(HasSubstr("Einsum")));
  EXPECT_LT(difference_after(split_einsums, k_dense, {{"x", numbers({2, 4, 3})}}), 1e-12);
}

TEST(SplitEinsums, OtherEquationsStay) {
  for (const std::string_view equation :
       {"bij,bjk", "ii,ij->j", "...i,ij->...j", "bij,bjk->bi", "ij,jk"}) {
    const std::string text =
        "input x float32[2, 2, 2]\ninput y float32[2, 2, 2]\nz = Einsum(x, y) {equation=\"" +
        std::string(equation) + "\"}\noutput z\n";
    EXPECT_EQ(rewrite(split_einsums, text).outcome.rewrites, 0U) << equation;
  }
}

}  // namespace
}  // namespace hasten::graph

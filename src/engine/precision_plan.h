// PrecisionPlan: the arithmetic that each matrix product of a program is computed in.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/program.h"

namespace hasten::engine {

struct PrecisionPlan {
  PrecisionPlan() = default;
  // Every product at one precision.
  // NOLINTNEXTLINE(google-explicit-constructor): a precision is the simplest plan
  PrecisionPlan(Precision precision) : everywhere(precision) {}

  Precision everywhere = Precision::k_float32;  // of the products that `products` does not name
  std::map<std::string, Precision, std::less<>> products;  // by Linear::name
  bool as_stored = false;  // products not named whose weights are stored in int8 are computed in it

  Precision of(std::string_view product) const;
  friend bool operator==(const PrecisionPlan&, const PrecisionPlan&) = default;
};

// The form in which a plan is recorded in a model (metadata key hasten.precision_plan):
//   {"everywhere": "int8", "products": {"layer 3 feed-forward output": "bf16"}}
std::string to_json(const PrecisionPlan& plan);
// Throws k_malformed, naming `where`, for anything else.
PrecisionPlan parse_precision_plan(std::string_view json, const std::string& where);

// "fp32", "bf16", "fp16", "int8", "int8-plain", "fp8".
std::string_view name_of(Precision precision);

// A matrix product of a lowered program, for those who choose precisions.
struct MatrixProduct {
  std::string
      name;  // unique in the program; the same however the model is stored (see name_products)
  std::int64_t inputs = 0;
  std::int64_t outputs = 0;
  Rows rows = Rows::k_tokens;  // one row per token, or one per sequence
  Precision precision = Precision::k_float32;
};

// In the order in which they run.
std::vector<MatrixProduct> products_of(const Program& program);

// "int8", or "int8, 12 of 74 products bf16" with the most used one first; "fp32" for none.
std::string summary(const std::vector<MatrixProduct>& products);

// Gives every product its precision. Throws k_unsupported for a plan that names a product which the
// program does not have.
void apply(const PrecisionPlan& plan, Program& program);

}  // namespace hasten::engine

#include "engine/precision_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/error.h"
#include "base/json.h"
#include "engine/instruction_names.h"

namespace hasten::engine {
namespace {

constexpr std::array k_precisions = {Precision::k_float32,    Precision::k_bfloat16,
                                     Precision::k_float16,    Precision::k_int8,
                                     Precision::k_int8_plain, Precision::k_float8};

Precision parse_precision(const std::string& name, const std::string& where) {
  for (const Precision precision : k_precisions) {
    if (name == name_of(precision)) return precision;
  }
  fail(ErrorCode::k_malformed, fmt::format("there is no precision '{}'", name), where,
       "the plan was edited by hand, or a newer Hasten wrote it",
       "Tune the model again: hasten tune.");
}

void check_names(const PrecisionPlan& plan, const Program& program) {
  std::set<std::string, std::less<>> known;
  for (const MatrixProduct& product : products_of(program)) known.insert(product.name);
  for (const auto& [name, precision] : plan.products) {
    if (known.contains(name)) continue;
    fail(ErrorCode::k_unsupported, fmt::format("the model has no matrix product '{}'", name),
         "its precision plan", "the plan was made for another model",
         "Tune the model again (hasten tune), or give --precision fp32, bf16 or int8.");
  }
}

}  // namespace

Precision PrecisionPlan::of(std::string_view product) const {
  const auto found = products.find(product);
  return found == products.end() ? everywhere : found->second;
}

std::string_view name_of(Precision precision) {
  return precision_name(precision);
}

std::string to_json(const PrecisionPlan& plan) {
  const auto text = [](Precision precision) { return Json(std::string(name_of(precision))); };
  Json::Object products;
  for (const auto& [name, precision] : plan.products) products.emplace_back(name, text(precision));
  Json::Object object;
  object.emplace_back("everywhere", text(plan.everywhere));
  object.emplace_back("products", Json(std::move(products)));
  return to_string(Json(std::move(object)));
}

PrecisionPlan parse_precision_plan(std::string_view json, const std::string& where) {
  const Json root = Json::parse(json, where);
  PrecisionPlan plan;
  for (const auto& [key, value] : root.as_object(where)) {
    if (key == "everywhere") {
      plan.everywhere = parse_precision(value.as_string(key), where);
    } else if (key == "products") {
      for (const auto& [name, precision] : value.as_object(key)) {
        plan.products[name] = parse_precision(precision.as_string(name), where);
      }
    } else {
      fail(ErrorCode::k_malformed, fmt::format("a precision plan has no entry '{}'", key), where);
    }
  }
  if (!root.contains("everywhere")) {
    fail(ErrorCode::k_malformed, "a precision plan must have the entry 'everywhere'", where);
  }
  return plan;
}

std::vector<MatrixProduct> products_of(const Program& program) {
  std::vector<MatrixProduct> products;
  for (const Instruction& instruction : program.instructions) {
    const auto* linear = std::get_if<Linear>(&instruction);
    if (linear == nullptr) continue;
    products.push_back({linear->name, linear->weight.inputs(), linear->weight.outputs(),
                        program.buffer(linear->output).rows, linear->precision});
  }
  return products;
}

std::string summary(const std::vector<MatrixProduct>& products) {
  std::array<std::size_t, k_precisions.size()> counts{};
  for (const MatrixProduct& product : products)
    ++counts[static_cast<std::size_t>(product.precision)];
  const auto most = std::max_element(counts.begin(), counts.end()) - counts.begin();
  std::string text(name_of(k_precisions[static_cast<std::size_t>(most)]));
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0 || static_cast<std::ptrdiff_t>(i) == most) continue;
    text +=
        fmt::format(", {} of {} products {}", counts[i], products.size(), name_of(k_precisions[i]));
  }
  return text;
}

void apply(const PrecisionPlan& plan, Program& program) {
  check_names(plan, program);
  for (Instruction& instruction : program.instructions) {
    auto* linear = std::get_if<Linear>(&instruction);
    if (linear == nullptr) continue;
    const bool stored =
        plan.as_stored && linear->weight.scales && !plan.products.contains(linear->name);
    linear->precision = stored ? Precision::k_int8 : plan.of(linear->name);
  }
}

}  // namespace hasten::engine

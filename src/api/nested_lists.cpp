#include "api/nested_lists.h"

#include <fmt/format.h>

#include <limits>
#include <vector>

#include "base/error.h"
#include "graph/array.h"
#include "graph/element_writer.h"

namespace hasten::api {
namespace {

constexpr std::size_t k_most_dimensions = 16;

// Reads nested lists depth first; the first element at every depth settles the shape.
class ListReader {
 public:
  ListReader(const graph::Value& input, const std::string& where)
      : input_(input),
        where_(where),
        dtype_(input.dtype.value_or(DType::k_float32)),
        writer_(dtype_) {}

  Tensor read(const Json& lists) {
    find_shape(lists);
    check_declared();
    read_level(lists, 0);
    return writer_.finish(input_.name, dims_);
  }

 private:
  void find_shape(const Json& lists) {
    const Json* level = &lists;
    while (level->is_array()) {
      if (dims_.size() == k_most_dimensions) reject("lists are nested too deeply");
      const Json::Array& items = level->as_array("a list");
      dims_.push_back(std::ssize(items));
      if (items.empty()) return pad_empty();
      level = &items.front();
    }
  }

  // Below an empty list nothing shows how deep the others would be.
  void pad_empty() {
    const std::size_t rank = input_.shape ? input_.shape->size() : dims_.size();
    if (dims_.size() < rank) dims_.resize(rank, 0);
  }

  void check_declared() const {
    if (!input_.shape) return;
    bool fits = dims_.size() == input_.shape->size();
    std::string declared;
    for (std::size_t axis = 0; axis < input_.shape->size(); ++axis) {
      const graph::Dim& dim = (*input_.shape)[axis];
      fits = fits && (!dim.known() || dim.size == dims_[axis]);
      declared += declared.empty() ? "" : ", ";
      declared += dim.known() ? std::to_string(dim.size) : dim.name.empty() ? "?" : dim.name;
    }
    if (fits) return;
    reject(fmt::format("shape {} is given and {}[{}] is declared", to_string(dims_),
                       name_of(dtype_), declared));
  }

  void read_level(const Json& json, std::size_t depth) {
    if (depth == dims_.size()) return read_element(json);
    if (!json.is_array()) reject("an element stands where the first of its neighbours is a list");
    const Json::Array& items = json.as_array("a list");
    if (std::ssize(items) != dims_[depth]) {
      reject(fmt::format("the list has {} elements and the first of its neighbours {}",
                         items.size(), dims_[depth]));
    }
    for (std::size_t k = 0; k < items.size(); ++k) {
      place_.push_back(k);
      read_level(items[k], depth + 1);
      place_.pop_back();
    }
  }

  void read_element(const Json& json) {
    if (is_floating(dtype_)) return writer_.add(number_of(json));
    if (dtype_ == DType::k_bool && json.is_bool()) {
      return writer_.add(std::int64_t{json.as_bool("a boolean")});
    }
    if (!json.is_integer()) reject_type(json);
    const std::int64_t value = json.as_integer("an integer");
    if (graph::clamp_integer(value, dtype_) != value) {
      reject(fmt::format("{} is no {}", value, name_of(dtype_)));
    }
    writer_.add(value);
  }

  double number_of(const Json& json) const {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (json.is_number()) return json.as_number("a number");
    if (!json.is_string()) reject_type(json);
    const std::string& word = json.as_string("a number");
    if (word == "NaN") return std::numeric_limits<double>::quiet_NaN();
    if (word == "Infinity") return infinity;
    if (word == "-Infinity") return -infinity;
    reject_type(json);
  }

  [[noreturn]] void reject_type(const Json& json) const {
    const std::string_view kind = json.is_array()     ? "a list"
                                  : json.is_object()  ? "an object"
                                  : json.is_string()  ? "a string"
                                  : json.is_bool()    ? "true or false"
                                  : json.is_null()    ? "null"
                                  : json.is_integer() ? "an integer"
                                                      : "a number with a fraction";
    reject(fmt::format("{} stands where {} is needed", kind, name_of(dtype_)));
  }

  [[noreturn]] void reject(const std::string& what) const {
    std::string place;
    for (const std::size_t index : place_) place += fmt::format("[{}]", index);
    fail(ErrorCode::k_usage, fmt::format("input {}{}: {}", input_.name, place, what), where_, {},
         "Give nested lists of one shape, elements of the type that 'hasten inspect' shows.");
  }

  const graph::Value& input_;
  const std::string& where_;
  DType dtype_;
  graph::ElementWriter writer_;
  Dims dims_;
  std::vector<std::size_t> place_;
};

// Elements as text, one after the other.
class ElementPrinter {
 public:
  ElementPrinter(const Tensor& tensor, DType dtype) : dtype_(dtype) {
    if (is_floating(dtype)) {
      reals_ = to_float64(tensor);
    } else {
      integers_ = to_int64(tensor);
    }
  }

  void append(std::string& out, std::size_t index) const {
    if (dtype_ == DType::k_float64) return append_json_number(out, reals_[index]);
    if (is_floating(dtype_)) {
      return append_json_number(out, graph::round_to(static_cast<float>(reals_[index]), dtype_));
    }
    const std::int64_t value = integers_[index];
    if (dtype_ == DType::k_bool) {
      out += value != 0 ? "true" : "false";
    } else if (dtype_ == DType::k_uint64) {
      out += std::to_string(static_cast<std::uint64_t>(value));
    } else {
      out += std::to_string(value);
    }
  }

 private:
  DType dtype_;
  std::vector<double> reals_;
  std::vector<std::int64_t> integers_;
};

void append_level(std::string& out, const Dims& dims, std::size_t depth, std::size_t& index,
                  const ElementPrinter& elements) {
  if (depth == dims.size()) return elements.append(out, index++);
  out += '[';
  for (std::int64_t k = 0; k < dims[depth]; ++k) {
    if (k > 0) out += ", ";
    append_level(out, dims, depth + 1, index, elements);
  }
  out += ']';
}

}  // namespace

Tensor tensor_of(const Json& lists, const graph::Value& input, const std::string& where) {
  return ListReader(input, where).read(lists);
}

void append_lists(std::string& out, const Tensor& tensor, DType dtype) {
  std::size_t index = 0;
  append_level(out, tensor.dims, 0, index, ElementPrinter(tensor, dtype));
}

}  // namespace hasten::api

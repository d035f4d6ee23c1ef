#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/error.h"
#include "graph/dump.h"
#include "graph/element_writer.h"
#include "graph/text_form.h"
#include "graph/text_scanner.h"

namespace hasten::graph {
namespace {

constexpr std::array k_dtypes = {
    DType::k_float32, DType::k_float64, DType::k_float16, DType::k_bfloat16, DType::k_int8,
    DType::k_uint8,   DType::k_int16,   DType::k_uint16,  DType::k_int32,    DType::k_uint32,
    DType::k_int64,   DType::k_uint64,  DType::k_bool};

constexpr std::int64_t k_max_constant_elements = std::int64_t{1} << 28;

struct Type {
  std::optional<DType> dtype;
  std::optional<Shape> shape;
};

// Values of "= ...": the same for the same name and index on every machine.
class PseudoRandom {
 public:
  explicit PseudoRandom(std::string_view name) {
    for (const char letter : name)
      state_ = (state_ ^ static_cast<unsigned char>(letter)) * 0x100000001b3;
  }
  std::uint64_t next() {  // splitmix64
    std::uint64_t mixed = state_ += 0x9e3779b97f4a7c15;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31);
  }
  double fraction() { return static_cast<double>(next() >> 54) / 1024 - 0.5; }

 private:
  std::uint64_t state_ = 0xcbf29ce484222325;
};

class Parser {
 public:
  explicit Parser(TextScanner& scanner, int depth) : scanner_(scanner), depth_(depth) {}

  Graph run() {
    if (depth_ > text_form::k_max_depth) scanner_.fail_here("bodies are nested too deep");
    for (scanner_.skip_separators(); !at_end(); scanner_.skip_separators()) {
      statement();
      scanner_.expect_statement_end();
    }
    graph_.opsets.try_emplace(std::string(k_onnx_domain), text_form::k_default_opset);
    return std::move(graph_);
  }

 private:
  bool at_end() { return scanner_.peek() == '\0' || (depth_ > 0 && scanner_.peek() == '}'); }

  void statement() {
    const std::size_t start = scanner_.position();
    if (scanner_.peek() != '"' && scanner_.peek() != '=') {
      const std::string word = scanner_.take_name();
      if (word == "input") return input();
      if (word == "const") return constant();
      if (word == "output") return graph_.add_output(known_value());
      if (word == "opset") return opset();
    }
    scanner_.rewind(start);
    node();
  }

  void opset() {
    const std::string word = scanner_.take_name();
    const char next = scanner_.peek();
    const bool has_domain = next != '\n' && next != ';' && next != '\0' && next != '}';
    if (has_domain) {
      graph_.opsets[word] = scanner_.take_integer();
      return;
    }
    std::int64_t version = 0;
    const auto result = std::from_chars(word.data(), word.data() + word.size(), version);
    if (result.ec != std::errc()) scanner_.fail_here("an opset is a number");
    graph_.opsets[std::string(k_onnx_domain)] = version;
  }

  void input() {
    const std::string name = new_name();
    const Type type = take_type();
    if (!type.dtype) scanner_.fail_here("an input needs an element type");
    const ValueId id = graph_.add_input(name, *type.dtype, type.shape.value_or(Shape{}));
    graph_.value(id).shape = type.shape;
  }

  void constant() {
    const std::string name = new_name();
    graph_.add_constant(name, take_tensor(name));
  }

  std::string new_name() {
    std::string name = scanner_.take_name();
    if (graph_.find_value(name) != k_no_value) {
      scanner_.fail_here(fmt::format("there are two values named {}", name));
    }
    return name;
  }

  ValueId known_value() {
    const std::string name = scanner_.take_name();
    const ValueId id = graph_.find_value(name);
    if (id == k_no_value) scanner_.fail_here(fmt::format("no value {} comes before", name));
    return id;
  }

  // Nothing, "float32", "float32[2, n, ?]" or "?[2]".
  Type take_type() {
    Type type;
    for (const DType dtype : k_dtypes) {
      const std::size_t start = scanner_.position();
      if (!scanner_.take(name_of(dtype))) continue;
      const std::string_view name(text_form::k_name_characters);
      const char next = scanner_.peek();
      if (next != '\0' && next != '[' && name.find(next) != name.npos && next != '=') {
        scanner_.rewind(start);
        continue;
      }
      type.dtype = dtype;
      break;
    }
    if (!type.dtype && !scanner_.take('?')) return type;
    if (scanner_.peek() == '[') type.shape = take_shape();
    return type;
  }

  Shape take_shape() {
    Shape shape;
    scanner_.open_bracket('[');
    while (scanner_.peek() != ']') {
      if (!shape.empty()) scanner_.expect(',');
      const char next = scanner_.peek();
      if (scanner_.take('?')) {
        shape.emplace_back();
      } else if (next >= '0' && next <= '9') {
        shape.push_back({scanner_.take_integer(), {}});
      } else {
        shape.push_back({-1, scanner_.take_name()});
      }
    }
    scanner_.close_bracket(']');
    return shape;
  }

  // "float32[2] = 1.0 2.0"
  Tensor take_tensor(const std::string& name) {
    const Type type = take_type();
    if (!type.dtype || !type.shape) scanner_.fail_here("a constant needs a type and a shape");
    Dims dims;
    for (const Dim& dim : *type.shape) dims.push_back(dim.size);
    const auto count = element_count(dims);
    if (!count || *count > k_max_constant_elements) {
      scanner_.fail_here("a constant of this shape is too large, or its shape is not all numbers");
    }
    scanner_.expect('=');
    ElementWriter writer(*type.dtype);
    if (scanner_.take("...")) {
      fill(writer, name, *type.dtype, *count);
    } else {
      for (std::int64_t index = 0; index < *count; ++index) take_element(writer, *type.dtype);
    }
    return writer.finish(name, std::move(dims));
  }

  static void fill(ElementWriter& writer, const std::string& name, DType dtype,
                   std::int64_t count) {
    PseudoRandom random(name);
    for (std::int64_t index = 0; index < count; ++index) {
      if (is_floating(dtype)) {
        writer.add(random.fraction());
      } else if (dtype == DType::k_bool) {
        writer.add(static_cast<std::int64_t>(random.next() & 1));
      } else if (size_of(dtype) == 1) {
        writer.add(static_cast<std::int64_t>(random.next()));
      } else {
        writer.add(static_cast<std::int64_t>(random.next() & 7));
      }
    }
  }

  void take_element(ElementWriter& writer, DType dtype) {
    if (is_floating(dtype)) {
      writer.add(take_float());
    } else {
      writer.add(scanner_.take_integer());
    }
  }

  double take_float() {
    const std::string digits = scanner_.take_number();
    char* end = nullptr;
    const double value = std::strtod(digits.c_str(), &end);
    if (*end != '\0') scanner_.fail_here(fmt::format("\"{}\" is not a number", digits));
    return value;
  }

  void node() {
    Node node;
    std::vector<std::pair<std::string, Type>> outputs;
    while (scanner_.peek() != '=') {
      if (!outputs.empty()) scanner_.expect(',');
      const bool quoted = scanner_.peek() == '"';
      std::string name = scanner_.take_name();
      const bool left_out = !quoted && name == "_";
      Type type = left_out ? Type{} : take_type();
      outputs.emplace_back(left_out ? "" : std::move(name), std::move(type));
    }
    scanner_.expect('=');
    node.op_type = scanner_.take_name();
    if (const std::size_t dot = node.op_type.rfind('.'); dot != node.op_type.npos) {
      node.domain = node.op_type.substr(0, dot);
      node.op_type.erase(0, dot + 1);
    }
    node.inputs = take_inputs();
    if (scanner_.peek() == '{') node.attributes = take_attributes();
    for (auto& [name, type] : outputs) node.outputs.push_back(add_output_value(name, type));
    graph_.add_node(std::move(node));
  }

  ValueId add_output_value(const std::string& name, const Type& type) {
    if (name.empty()) return k_no_value;
    if (graph_.find_value(name) != k_no_value) {
      scanner_.fail_here(fmt::format("there are two values named {}", name));
    }
    return graph_.add_value(name, type.dtype, type.shape);
  }

  std::vector<ValueId> take_inputs() {
    std::vector<ValueId> inputs;
    scanner_.open_bracket('(');
    while (scanner_.peek() != ')') {
      if (!inputs.empty()) scanner_.expect(',');
      const std::size_t start = (scanner_.peek(), scanner_.position());
      if (scanner_.peek() != '"' && scanner_.take_name() == "_") {
        inputs.push_back(k_no_value);
      } else {
        scanner_.rewind(start);
        inputs.push_back(known_value());
      }
    }
    scanner_.close_bracket(')');
    return inputs;
  }

  std::map<std::string, Attribute> take_attributes() {
    std::map<std::string, Attribute> attributes;
    scanner_.open_bracket('{');
    while (scanner_.peek() != '}') {
      if (!attributes.empty()) scanner_.expect(',');
      const std::string name = scanner_.take_name();
      scanner_.expect('=');
      attributes.emplace(name, take_attribute());
    }
    scanner_.close_bracket('}');
    return attributes;
  }

  Attribute take_attribute() {
    if (scanner_.peek() == '"') return scanner_.take_quoted();
    if (scanner_.peek() == '[') return take_list();
    if (scanner_.take("floats[]")) return std::vector<float>{};
    if (scanner_.take("texts[]")) return std::vector<std::string>{};
    if (scanner_.take("tensor")) {
      scanner_.open_bracket('(');
      Tensor tensor = take_tensor("attribute");
      scanner_.close_bracket(')');
      return tensor;
    }
    if (scanner_.take("graph")) return take_body();
    return take_scalar();
  }

  // An integer, or a float when it has a point, an exponent or is no finite number.
  Attribute take_scalar() {
    const std::size_t start = scanner_.position();
    const std::string digits = scanner_.take_number();
    const bool integer = digits.find_first_of(".enf") == digits.npos;
    scanner_.rewind(start);
    if (integer) return scanner_.take_integer();
    return static_cast<float>(take_float());
  }

  Attribute take_list() {
    std::vector<std::int64_t> integers;
    std::vector<float> floats;
    std::vector<std::string> texts;
    scanner_.open_bracket('[');
    while (scanner_.peek() != ']') {
      if (!integers.empty() || !floats.empty() || !texts.empty()) scanner_.expect(',');
      const Attribute element = scanner_.peek() == '"' ? scanner_.take_quoted() : take_scalar();
      if (const auto* integer = std::get_if<std::int64_t>(&element)) integers.push_back(*integer);
      if (const auto* number = std::get_if<float>(&element)) floats.push_back(*number);
      if (const auto* text = std::get_if<std::string>(&element)) texts.push_back(*text);
    }
    scanner_.close_bracket(']');
    if (!integers.empty() + !floats.empty() + !texts.empty() > 1) {
      scanner_.fail_here("the elements of a list are of several types");
    }
    if (!floats.empty()) return floats;
    if (!texts.empty()) return texts;
    return integers;
  }

  Attribute take_body() {
    scanner_.expect('{');
    const int brackets = scanner_.suspend_brackets();
    auto body = std::make_shared<const Graph>(Parser(scanner_, depth_ + 1).run());
    scanner_.restore_brackets(brackets);
    scanner_.expect('}');
    return body;
  }

  TextScanner& scanner_;
  const int depth_;
  Graph graph_;
};

}  // namespace

Graph parse_text(std::string_view text) {
  TextScanner scanner(text);
  return Parser(scanner, 0).run();
}

}  // namespace hasten::graph

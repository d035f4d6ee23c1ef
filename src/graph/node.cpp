#include <fmt/format.h>

#include "base/error.h"
#include "graph/graph.h"

namespace hasten::graph {
namespace {

template <typename T>
T get(const Node& node, std::string_view attribute, T fallback, std::string_view expected) {
  const auto found = node.attributes.find(std::string(attribute));
  if (found == node.attributes.end()) return fallback;
  if (const T* value = std::get_if<T>(&found->second)) return *value;
  fail(ErrorCode::k_malformed, fmt::format("attribute {} is not {}", attribute, expected),
       fmt::format("node {} ({})", node.name, node.op_type));
}

}  // namespace

std::int64_t Node::integer(std::string_view attribute, std::int64_t fallback) const {
  return get<std::int64_t>(*this, attribute, fallback, "an integer");
}

float Node::number(std::string_view attribute, float fallback) const {
  return get<float>(*this, attribute, fallback, "a number");
}

std::string Node::text(std::string_view attribute, std::string fallback) const {
  return get<std::string>(*this, attribute, std::move(fallback), "a text");
}

std::vector<std::int64_t> Node::integers(std::string_view attribute,
                                         std::vector<std::int64_t> fallback) const {
  return get<std::vector<std::int64_t>>(*this, attribute, std::move(fallback),
                                        "a list of integers");
}

}  // namespace hasten::graph

#include "engine/product_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace hasten::engine {
namespace {

// Which layers' attention a product feeds, and as what.
struct Operands {
  std::size_t layer = 0;  // 0: none
  bool query = false;
  bool key = false;
  bool value = false;
};

std::string text_of(const Operands& operands) {
  std::vector<std::string_view> parts;
  if (operands.query) parts.emplace_back("query");
  if (operands.key) parts.emplace_back("key");
  if (operands.value) parts.emplace_back("value");
  if (parts.empty()) return "attention position";
  if (parts.size() == 1) return std::string(parts[0]);
  if (parts.size() == 2) return fmt::format("{} and {}", parts[0], parts[1]);
  return fmt::format("{}, {} and {}", parts[0], parts[1], parts[2]);
}

class Namer {
 public:
  explicit Namer(Program& program) : program_(program) { read(); }

  void run() {
    name_operands();
    for (std::size_t layer = 0; layer < rest_.size(); ++layer) name_layer(layer);
    name_head();
  }

 private:
  void read();
  void read_attention(const Attention& attention);
  void name_operands();
  void name_layer(std::size_t layer);
  void name_head();
  void give(Linear& linear, std::string name);

  Program& program_;
  // The product that a buffer is, perhaps after instructions that read nothing else.
  std::map<BufferId, Linear*> product_of_;
  std::vector<Linear*> products_;
  std::map<Linear*, Operands> operands_;
  std::map<Linear*, std::size_t> attentions_before_;
  std::size_t attentions_ = 0;
  std::vector<std::vector<Linear*>> rest_;  // per layer, 0: before the first attention
  std::vector<Linear*> head_;
  std::set<std::string> given_;
};

void Namer::read() {
  for (Instruction& instruction : program_.instructions) {
    const BufferId output = write_of(instruction);
    if (auto* linear = std::get_if<Linear>(&instruction)) {
      product_of_[output] = linear;
      products_.push_back(linear);
      attentions_before_[linear] = attentions_;
    } else if (const auto* attention = std::get_if<Attention>(&instruction)) {
      read_attention(*attention);
    } else if (const auto reads = reads_of(instruction); reads.size() == 1) {
      const auto source = product_of_.find(reads[0]);
      if (source != product_of_.end()) product_of_[output] = source->second;
    }
  }
  rest_.resize(attentions_ + 1);
  for (Linear* linear : products_) {
    if (operands_.contains(linear)) continue;
    const bool per_token = program_.buffer(linear->output).rows == Rows::k_tokens;
    (per_token ? rest_[attentions_before_[linear]] : head_).push_back(linear);
  }
}

void Namer::read_attention(const Attention& attention) {
  ++attentions_;
  for (const BufferId buffer : reads_of(attention)) {
    const auto source = product_of_.find(buffer);
    if (source == product_of_.end()) continue;
    Operands& operands = operands_[source->second];
    if (operands.layer == 0) operands.layer = attentions_;
    operands.query = operands.query || attention.query.buffer == buffer;
    operands.key = operands.key || attention.key.buffer == buffer;
    operands.value = operands.value || attention.value.buffer == buffer;
  }
}

void Namer::name_operands() {
  for (Linear* linear : products_) {
    const auto found = operands_.find(linear);
    if (found == operands_.end()) continue;
    give(*linear, fmt::format("layer {} {}", found->second.layer, text_of(found->second)));
  }
}

// Attention output first, feed-forward output last, inputs between.
void Namer::name_layer(std::size_t layer) {
  std::vector<Linear*>& rest = rest_[layer];
  if (layer == 0) {
    for (Linear* linear : rest) give(*linear, "embedding projection");
    return;
  }
  // After the last layer a head may go on with all tokens; the first layer says where the layer
  // ends.
  if (layer > 1 && layer + 1 == rest_.size() && rest.size() > rest_[1].size()) {
    const auto end = rest.begin() + static_cast<std::ptrdiff_t>(rest_[1].size());
    head_.insert(head_.begin(), end, rest.end());
    rest.erase(end, rest.end());
  }
  for (std::size_t i = 0; i < rest.size(); ++i) {
    const char* role = i == 0                 ? "attention output"
                       : i + 1 == rest.size() ? "feed-forward output"
                                              : "feed-forward input";
    give(*rest[i], fmt::format("layer {} {}", layer, role));
  }
}

void Namer::name_head() {
  for (Linear* linear : head_) give(*linear, linear == head_.back() ? "classifier" : "pooler");
}

void Namer::give(Linear& linear, std::string name) {
  std::string numbered = name;
  for (int number = 2; !given_.insert(numbered).second; ++number) {
    numbered = fmt::format("{} {}", name, number);
  }
  linear.name = std::move(numbered);
}

}  // namespace

void name_products(Program& program) {
  Namer(program).run();
}

}  // namespace hasten::engine

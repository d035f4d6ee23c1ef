#include "checkpoint/pickle_stack.h"

#include <fmt/format.h>

namespace hasten::checkpoint {
namespace {

constexpr std::size_t k_limit = 1'000'000;
constexpr PickleRef k_no_value = ~PickleRef{0};

}  // namespace

void PickleStack::push(PickleRef reference) {
  if (stack_.size() == k_limit) reader_.fail_here("a pickle with more values than weights need");
  stack_.push_back(reference);
}

void PickleStack::push_value(PickleValue value) {
  if (pickle_.values.size() == k_limit) {
    reader_.fail_here("a pickle with more values than weights need");
  }
  pickle_.values.push_back(std::move(value));
  push(static_cast<PickleRef>(pickle_.values.size() - 1));
}

// Nothing below the last mark can be reached.
PickleRef PickleStack::pop() {
  if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) {
    reader_.fail_here("a pickle takes more values than it made");
  }
  const PickleRef top = stack_.back();
  stack_.pop_back();
  return top;
}

std::vector<PickleRef> PickleStack::pop_some(std::size_t count) {
  std::vector<PickleRef> items(count);
  while (count-- > 0) items[count] = pop();
  return items;
}

void PickleStack::push_mark() {
  if (marks_.size() == k_limit) reader_.fail_here("a pickle with more marks than weights need");
  marks_.push_back(stack_.size());
}

std::vector<PickleRef> PickleStack::pop_to_mark() {
  if (marks_.empty()) reader_.fail_here("a pickle without the mark that it goes back to");
  std::vector<PickleRef> items(stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back()),
                               stack_.end());
  stack_.resize(marks_.back());
  marks_.pop_back();
  return items;
}

void PickleStack::fail_kind(const char* kind) const {
  reader_.fail_here(fmt::format("a pickle adds to something that is no {}", kind));
}

// Python numbers its memo entries from 0 up.
void PickleStack::memorize(std::size_t index) {
  if (index >= k_limit) reader_.fail_here("a pickle's memo is larger than weights need");
  if (index >= memo_.size()) memo_.resize(index + 1, k_no_value);
  const PickleRef top = pop();
  push(top);
  if (memo_[index] == k_no_value) ++stored_;
  memo_[index] = top;
}

void PickleStack::recall(std::size_t index) {
  if (index >= memo_.size() || memo_[index] == k_no_value) {
    reader_.fail_here(fmt::format("a pickle's memo has no entry {}", index));
  }
  push(memo_[index]);
}

Pickle PickleStack::take() {
  pickle_.root = pop();
  if (!stack_.empty() || !marks_.empty()) {
    reader_.fail_here("a pickle ends with values left over");
  }
  return std::move(pickle_);
}

}  // namespace hasten::checkpoint

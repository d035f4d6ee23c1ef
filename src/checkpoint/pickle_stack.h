// What a pickle machine works on: the values made so far, a stack of references to them with marks, and the memo.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "checkpoint/pickle.h"

namespace hasten::checkpoint {

// Values, stack, marks and memo are bounded (1,000,000 each). Every member function throws
// k_malformed, with the place of `reader`, for what a pickle cannot do: taking more than there is
// above the last mark, going back to no mark, recalling what was never stored, growing past the
// bounds. `reader` must outlive the stack.
class PickleStack {
 public:
  explicit PickleStack(const ByteReader& reader) : reader_(reader) {}

  Pickle& pickle() { return pickle_; }

  void push(PickleRef reference);
  void push_value(PickleValue value);
  PickleRef pop();
  std::vector<PickleRef> pop_some(std::size_t count);  // the lowest first

  void push_mark();
  std::vector<PickleRef> pop_to_mark();

  // The uppermost value, which stays; `kind` names T in the error when it is something else.
  template <typename T>
  T& top_as(const char* kind) {
    const PickleRef reference = pop();
    push(reference);
    T* value = pickle_.get<T>(reference);
    if (value == nullptr) fail_kind(kind);
    return *value;
  }

  // Store the uppermost value, which stays: under an index, or under the number of those stored.
  void memorize(std::size_t index);
  void memorize_next() { memorize(stored_); }
  void recall(std::size_t index);

  // The pickle, whose root is the only value left.
  Pickle take();

 private:
  [[noreturn]] void fail_kind(const char* kind) const;

  const ByteReader& reader_;
  Pickle pickle_;
  std::vector<PickleRef> stack_;
  std::vector<std::size_t> marks_;
  std::vector<PickleRef> memo_;
  std::size_t stored_ = 0;  // entries of the memo in use
};

}  // namespace hasten::checkpoint

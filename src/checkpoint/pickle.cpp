#include "checkpoint/pickle.h"

#include <fmt/format.h>

#include <bit>

#include "checkpoint/pickle_calls.h"
#include "checkpoint/pickle_globals.h"
#include "checkpoint/quote_name.h"

namespace hasten::checkpoint {
namespace {

constexpr std::size_t k_limit = 1'000'000;  // values, stack and memo entries, each

// The opcodes of protocol 2 that torch writes; the names are those of Python's pickletools.
enum Opcode : std::uint8_t {
  k_mark = '(',
  k_stop = '.',
  k_binint = 'J',
  k_binint1 = 'K',
  k_binint2 = 'M',
  k_none = 'N',
  k_binpersid = 'Q',
  k_reduce = 'R',
  k_binunicode = 'X',
  k_binfloat = 'G',
  k_append = 'a',
  k_build = 'b',
  k_global = 'c',
  k_appends = 'e',
  k_binget = 'h',
  k_long_binget = 'j',
  k_binput = 'q',
  k_long_binput = 'r',
  k_setitem = 's',
  k_tuple = 't',
  k_setitems = 'u',
  k_empty_dict = '}',
  k_empty_list = ']',
  k_empty_tuple = ')',
  k_proto = 0x80,
  k_tuple1 = 0x85,
  k_tuple2 = 0x86,
  k_tuple3 = 0x87,
  k_newtrue = 0x88,
  k_newfalse = 0x89,
  k_long1 = 0x8a,
};

class PickleMachine {
 public:
  PickleMachine(ByteReader& reader, const std::string& where) : reader_(reader), where_(where) {}

  Pickle run() {
    if (reader_.take_integer<std::uint8_t>() != k_proto) reader_.fail_here("no pickle begins here");
    if (const auto protocol = reader_.take_integer<std::uint8_t>(); protocol != 2) {
      fail(ErrorCode::k_unsupported, fmt::format("a pickle of protocol {}", protocol), where_,
           "torch writes protocol 2", "Save the checkpoint again with torch.save.");
    }
    while (true) {
      const auto opcode = reader_.take_integer<std::uint8_t>();
      if (opcode == k_stop) break;
      if (!push_constant(opcode) && !use_memo(opcode) && !build_container(opcode) &&
          !call(opcode)) {
        fail_opcode(opcode);
      }
    }
    pickle_.root = pop();
    if (!stack_.empty() || !marks_.empty())
      reader_.fail_here("a pickle ends with values left over");
    return std::move(pickle_);
  }

 private:
  [[noreturn]] void fail_opcode(std::uint8_t opcode) {
    fail(ErrorCode::k_unsupported,
         fmt::format("the pickle opcode 0x{:02x}, which no weights need", opcode),
         fmt::format("{}, byte {}", where_, reader_.offset() - 1),
         "the file is damaged, or something else than weights was pickled; nothing of it was run",
         "Get the checkpoint as safetensors, from a source that you trust.");
  }

  void push(PickleRef reference) {
    if (stack_.size() == k_limit) reader_.fail_here("a pickle with more values than weights need");
    stack_.push_back(reference);
  }

  void push_value(PickleValue value) {
    if (pickle_.values.size() == k_limit) {
      reader_.fail_here("a pickle with more values than weights need");
    }
    pickle_.values.push_back(std::move(value));
    push(static_cast<PickleRef>(pickle_.values.size() - 1));
  }

  // Nothing below the last mark can be reached.
  PickleRef pop() {
    if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) {
      reader_.fail_here("a pickle takes more values than it made");
    }
    const PickleRef top = stack_.back();
    stack_.pop_back();
    return top;
  }

  std::vector<PickleRef> pop_some(std::size_t count) {
    std::vector<PickleRef> items(count);
    while (count-- > 0) items[count] = pop();
    return items;
  }

  std::vector<PickleRef> pop_to_mark() {
    if (marks_.empty()) reader_.fail_here("a pickle without the mark that it goes back to");
    std::vector<PickleRef> items(stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back()),
                                 stack_.end());
    stack_.resize(marks_.back());
    marks_.pop_back();
    return items;
  }

  template <typename T>
  T& top_as(const char* kind) {
    const PickleRef reference = pop();
    stack_.push_back(reference);
    if (T* value = pickle_.get<T>(reference)) return *value;
    reader_.fail_here(fmt::format("a pickle adds to something that is no {}", kind));
  }

  bool push_constant(std::uint8_t opcode) {
    switch (opcode) {
      case k_none:
        push_value(std::monostate());
        return true;
      case k_newtrue:
        push_value(true);
        return true;
      case k_newfalse:
        push_value(false);
        return true;
      case k_binint:
        push_integer(reader_.take_integer<std::int32_t>());
        return true;
      case k_binint1:
        push_integer(reader_.take_integer<std::uint8_t>());
        return true;
      case k_binint2:
        push_integer(reader_.take_integer<std::uint16_t>());
        return true;
      case k_long1:
        push_long(reader_.take_text(reader_.take_integer<std::uint8_t>()));
        return true;
      case k_binunicode:
        push_value(reader_.take_text(reader_.take_integer<std::uint32_t>()));
        return true;
      case k_binfloat:
        push_value(std::bit_cast<double>(__builtin_bswap64(reader_.take_integer<std::uint64_t>())));
        return true;
      default:
        return false;
    }
  }

  void push_integer(std::int64_t value) { push_value(value); }

  // Two's complement, little-endian, as short as it goes.
  void push_long(std::string_view bytes) {
    if (bytes.size() > sizeof(std::int64_t)) return push_value(PickleLong{bytes});
    const bool negative = !bytes.empty() && (static_cast<unsigned char>(bytes.back()) & 0x80) != 0;
    std::uint64_t value = negative ? ~std::uint64_t{0} : 0;
    for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte) {
      value = value << 8 | static_cast<unsigned char>(*byte);
    }
    push_integer(static_cast<std::int64_t>(value));
  }

  bool use_memo(std::uint8_t opcode) {
    switch (opcode) {
      case k_binput:
        memorize(reader_.take_integer<std::uint8_t>());
        return true;
      case k_long_binput:
        memorize(reader_.take_integer<std::uint32_t>());
        return true;
      case k_binget:
        recall(reader_.take_integer<std::uint8_t>());
        return true;
      case k_long_binget:
        recall(reader_.take_integer<std::uint32_t>());
        return true;
      default:
        return false;
    }
  }

  // Python numbers its memo entries from 0 up.
  void memorize(std::size_t index) {
    if (index >= k_limit) reader_.fail_here("a pickle's memo is larger than weights need");
    if (index >= memo_.size()) memo_.resize(index + 1, k_no_value);
    memo_[index] = pop();
    stack_.push_back(memo_[index]);
  }

  void recall(std::size_t index) {
    if (index >= memo_.size() || memo_[index] == k_no_value) {
      reader_.fail_here(fmt::format("a pickle's memo has no entry {}", index));
    }
    push(memo_[index]);
  }

  bool build_container(std::uint8_t opcode) {
    switch (opcode) {
      case k_mark:
        push_mark();
        return true;
      case k_empty_dict:
        push_value(PickleDict());
        return true;
      case k_empty_list:
        push_value(PickleList());
        return true;
      case k_empty_tuple:
        push_value(PickleTuple());
        return true;
      case k_tuple:
        push_value(PickleTuple{pop_to_mark()});
        return true;
      case k_tuple1:
        push_value(PickleTuple{pop_some(1)});
        return true;
      case k_tuple2:
        push_value(PickleTuple{pop_some(2)});
        return true;
      case k_tuple3:
        push_value(PickleTuple{pop_some(3)});
        return true;
      case k_append:
        append(pop_some(1));
        return true;
      case k_appends:
        append(pop_to_mark());
        return true;
      case k_setitem:
        set_items(pop_some(2));
        return true;
      case k_setitems:
        set_items(pop_to_mark());
        return true;
      default:
        return false;
    }
  }

  void push_mark() {
    if (marks_.size() == k_limit) reader_.fail_here("a pickle with more marks than weights need");
    marks_.push_back(stack_.size());
  }

  void append(const std::vector<PickleRef>& items) {
    auto& list = top_as<PickleList>("list").items;
    list.insert(list.end(), items.begin(), items.end());
  }

  void set_items(const std::vector<PickleRef>& items) {
    if (items.size() % 2 != 0) reader_.fail_here("a pickle sets a key without a value");
    auto& dict = top_as<PickleDict>("dictionary").items;
    for (std::size_t i = 0; i < items.size(); i += 2) dict.emplace_back(items[i], items[i + 1]);
  }

  bool call(std::uint8_t opcode) {
    switch (opcode) {
      case k_global:
        push_global();
        return true;
      case k_binpersid:
        push_storage();
        return true;
      case k_reduce:
        reduce();
        return true;
      case k_build:
        ignore_state();
        return true;
      default:
        return false;
    }
  }

  std::string_view take_line() {
    constexpr std::size_t k_longest = 200;
    const std::size_t begin = reader_.offset();
    std::size_t length = 0;
    while (reader_.take_integer<char>() != '\n') {
      if (++length > k_longest) reader_.fail_here("a name in a pickle has no end");
    }
    reader_.seek(begin);
    return reader_.take_text(length + 1).substr(0, length);
  }

  void push_global() {
    const std::string_view module = take_line();
    const std::string_view name = take_line();
    push_value(find_pickle_global(module, name, where_));
  }

  void push_storage() {
    const PickleRef id = pop();
    pickle_.storages.push_back(make_storage(pickle_, id, reader_));
    push_value(PickleStorageRef{static_cast<std::uint32_t>(pickle_.storages.size() - 1)});
  }

  void reduce() {
    const PickleRef arguments = pop();
    const PickleRef function = pop();
    push_value(call_global(pickle_, function, arguments, reader_));
  }

  // torch gives its OrderedDict a state, `_metadata`: versions of modules, which weights do not
  // need.
  void ignore_state() {
    const PickleRef state = pop();
    if (pickle_.get<PickleDict>(state) == nullptr) {
      reader_.fail_here("a pickle sets a state that is no dictionary");
    }
    top_as<PickleDict>("dictionary");
  }

  static constexpr PickleRef k_no_value = ~PickleRef{0};

  ByteReader& reader_;
  const std::string& where_;
  Pickle pickle_;
  std::vector<PickleRef> stack_;
  std::vector<std::size_t> marks_;
  std::vector<PickleRef> memo_;
};

}  // namespace

Pickle read_pickle(ByteReader& reader, const std::string& where) {
  return PickleMachine(reader, where).run();
}

}  // namespace hasten::checkpoint

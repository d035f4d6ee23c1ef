#include "checkpoint/pickle.h"

#include <fmt/format.h>

#include <bit>

#include "checkpoint/pickle_calls.h"
#include "checkpoint/pickle_globals.h"
#include "checkpoint/pickle_opcode.h"
#include "checkpoint/pickle_stack.h"

namespace hasten::checkpoint {
namespace {

class PickleMachine {
 public:
  PickleMachine(ByteReader& reader, const std::string& where)
      : reader_(reader), where_(where), stack_(reader) {}

  Pickle run() {
    if (reader_.take_integer<std::uint8_t>() != k_proto) reader_.fail_here("no pickle begins here");
    check_protocol(reader_.take_integer<std::uint8_t>());
    while (true) {
      const auto opcode = reader_.take_integer<std::uint8_t>();
      if (opcode == k_stop) break;
      if (!push_constant(opcode) && !use_memo(opcode) && !build_container(opcode) &&
          !call(opcode)) {
        fail_opcode(opcode);
      }
    }
    return stack_.take();
  }

 private:
  void check_protocol(std::uint8_t protocol) {
    if (protocol >= 2 && protocol <= 5) return;
    fail(ErrorCode::k_unsupported, fmt::format("a pickle of protocol {}", protocol), where_,
         "torch writes protocol 2, or one up to 5 when it is asked to",
         "Save the checkpoint again with torch.save.");
  }

  [[noreturn]] void fail_opcode(std::uint8_t opcode) {
    fail(ErrorCode::k_unsupported,
         fmt::format("the pickle opcode 0x{:02x}, which no weights need", opcode),
         fmt::format("{}, byte {}", where_, reader_.offset() - 1),
         "the file is damaged, or something else than weights was pickled; nothing of it was run",
         "Get the checkpoint as safetensors, from a source that you trust.");
  }

  bool push_constant(std::uint8_t opcode) {
    switch (opcode) {
      case k_none:
        stack_.push_value(std::monostate());
        return true;
      case k_newtrue:
        stack_.push_value(true);
        return true;
      case k_newfalse:
        stack_.push_value(false);
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
        stack_.push_value(reader_.take_text(reader_.take_integer<std::uint32_t>()));
        return true;
      case k_short_binunicode:
        stack_.push_value(reader_.take_text(reader_.take_integer<std::uint8_t>()));
        return true;
      case k_binfloat:
        stack_.push_value(
            std::bit_cast<double>(__builtin_bswap64(reader_.take_integer<std::uint64_t>())));
        return true;
      case k_frame:
        check_frame();
        return true;
      default:
        return false;
    }
  }

  void push_integer(std::int64_t value) { stack_.push_value(value); }

  // A frame says how much one may read at once, and makes nothing.
  void check_frame() {
    if (reader_.take_integer<std::uint64_t>() > reader_.remaining()) {
      reader_.fail_here("a pickle's frame is longer than the file");
    }
  }

  // Two's complement, little-endian, as short as it goes.
  void push_long(std::string_view bytes) {
    if (bytes.size() > sizeof(std::int64_t)) return stack_.push_value(PickleLong{bytes});
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
        stack_.memorize(reader_.take_integer<std::uint8_t>());
        return true;
      case k_long_binput:
        stack_.memorize(reader_.take_integer<std::uint32_t>());
        return true;
      case k_memoize:
        stack_.memorize_next();
        return true;
      case k_binget:
        stack_.recall(reader_.take_integer<std::uint8_t>());
        return true;
      case k_long_binget:
        stack_.recall(reader_.take_integer<std::uint32_t>());
        return true;
      default:
        return false;
    }
  }

  bool build_container(std::uint8_t opcode) {
    switch (opcode) {
      case k_mark:
        stack_.push_mark();
        return true;
      case k_empty_dict:
        stack_.push_value(PickleDict());
        return true;
      case k_empty_list:
        stack_.push_value(PickleList());
        return true;
      case k_empty_tuple:
        stack_.push_value(PickleTuple());
        return true;
      case k_tuple:
        stack_.push_value(PickleTuple{stack_.pop_to_mark()});
        return true;
      case k_tuple1:
        stack_.push_value(PickleTuple{stack_.pop_some(1)});
        return true;
      case k_tuple2:
        stack_.push_value(PickleTuple{stack_.pop_some(2)});
        return true;
      case k_tuple3:
        stack_.push_value(PickleTuple{stack_.pop_some(3)});
        return true;
      case k_append:
        append(stack_.pop_some(1));
        return true;
      case k_appends:
        append(stack_.pop_to_mark());
        return true;
      case k_setitem:
        set_items(stack_.pop_some(2));
        return true;
      case k_setitems:
        set_items(stack_.pop_to_mark());
        return true;
      default:
        return false;
    }
  }

  void append(const std::vector<PickleRef>& items) {
    auto& list = stack_.top_as<PickleList>("list").items;
    list.insert(list.end(), items.begin(), items.end());
  }

  void set_items(const std::vector<PickleRef>& items) {
    if (items.size() % 2 != 0) reader_.fail_here("a pickle sets a key without a value");
    auto& dict = stack_.top_as<PickleDict>("dictionary").items;
    for (std::size_t i = 0; i < items.size(); i += 2) dict.emplace_back(items[i], items[i + 1]);
  }

  bool call(std::uint8_t opcode) {
    switch (opcode) {
      case k_global:
        push_global();
        return true;
      case k_stack_global:
        push_stack_global();
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
    stack_.push_value(find_pickle_global(module, name, where_));
  }

  void push_stack_global() {
    const std::vector<PickleRef> names = stack_.pop_some(2);
    const auto* module = stack_.pickle().get<std::string_view>(names[0]);
    const auto* name = stack_.pickle().get<std::string_view>(names[1]);
    if (module == nullptr || name == nullptr) reader_.fail_here("a pickle's name is no text");
    stack_.push_value(find_pickle_global(*module, *name, where_));
  }

  void push_storage() {
    const PickleRef id = stack_.pop();
    std::vector<PickleStorage>& storages = stack_.pickle().storages;
    storages.push_back(make_storage(stack_.pickle(), id, reader_));
    stack_.push_value(PickleStorageRef{static_cast<std::uint32_t>(storages.size() - 1)});
  }

  void reduce() {
    const PickleRef arguments = stack_.pop();
    const PickleRef function = stack_.pop();
    stack_.push_value(call_global(stack_.pickle(), function, arguments, reader_));
  }

  // torch gives its OrderedDict a state, `_metadata`: versions of modules, which weights do not
  // need.
  void ignore_state() {
    const PickleRef state = stack_.pop();
    if (stack_.pickle().get<PickleDict>(state) == nullptr) {
      reader_.fail_here("a pickle sets a state that is no dictionary");
    }
    stack_.top_as<PickleDict>("dictionary");
  }

  ByteReader& reader_;
  const std::string& where_;
  PickleStack stack_;
};

}  // namespace

Pickle read_pickle(ByteReader& reader, const std::string& where) {
  return PickleMachine(reader, where).run();
}

}  // namespace hasten::checkpoint

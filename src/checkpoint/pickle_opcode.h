// The opcodes of the protocols 2 to 5 that weights need; the names are those of Python's pickletools.
#pragma once

#include <cstdint>

namespace hasten::checkpoint {

enum PickleOpcode : std::uint8_t {
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
  k_short_binunicode = 0x8c,
  k_stack_global = 0x93,
  k_memoize = 0x94,
  k_frame = 0x95,
};

}  // namespace hasten::checkpoint

// A closed pickle machine: enough of Python's pickle protocols 2 to 5 to describe a dictionary
// of tensors, and nothing that could run code. Names are looked up in a fixed table, never imported;
// an opcode or a name outside of it ends the reading.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/byte_reader.h"
#include "base/dtype.h"
#include "base/shape.h"

namespace hasten::checkpoint {

// An index into Pickle::values. Containers hold these, so that shared and cyclic objects are
// harmless.
using PickleRef = std::uint32_t;

enum class PickleGlobalKind : std::uint8_t {
  k_ordered_dict,       // collections.OrderedDict
  k_rebuild_tensor,     // torch._utils._rebuild_tensor_v2
  k_rebuild_parameter,  // torch._utils._rebuild_parameter
  k_storage_type,       // torch.FloatStorage and its like
};

struct PickleGlobal {
  PickleGlobalKind kind;
  DType dtype = DType::k_float32;  // of a k_storage_type
};

struct PickleTuple {
  std::vector<PickleRef> items;
};

struct PickleList {
  std::vector<PickleRef> items;
};

struct PickleDict {
  std::vector<std::pair<PickleRef, PickleRef>>
      items;  // in order of insertion, keys not deduplicated
};

// An integer beyond 64 bits: its little-endian bytes.
struct PickleLong {
  std::string_view bytes;
};

// Indices into Pickle::storages and Pickle::tensors.
struct PickleStorageRef {
  std::uint32_t index;
};
struct PickleTensorRef {
  std::uint32_t index;
};

using PickleValue = std::variant<std::monostate, bool, std::int64_t, double, std::string_view,
                                 PickleLong, PickleTuple, PickleList, PickleDict, PickleGlobal,
                                 PickleStorageRef, PickleTensorRef>;

// A storage as a persistent id names it; the older format may ask for a part of another one.
struct PickleStorage {
  DType dtype = DType::k_float32;
  std::string_view key;
  std::int64_t count = 0;  // elements
  bool is_view = false;
  std::int64_t view_offset = 0;  // elements
  std::int64_t view_count = 0;
};

// A tensor as torch rebuilds it, unchecked: offset, sizes and strides in elements, as written.
struct PickleTensor {
  std::uint32_t storage = 0;
  std::int64_t offset = 0;
  Dims sizes;
  Dims strides;
};

// What one pickle made. Texts are views into its bytes.
struct Pickle {
  std::vector<PickleValue> values;
  std::vector<PickleStorage> storages;
  std::vector<PickleTensor> tensors;
  PickleRef root = 0;

  template <typename T>
  const T* get(PickleRef reference) const {
    return std::get_if<T>(&values[reference]);
  }
  template <typename T>
  T* get(PickleRef reference) {
    return std::get_if<T>(&values[reference]);
  }
};

// Reads one pickle and leaves `reader` behind it. Values, stack and memo are bounded (1,000,000
// each). Throws k_malformed for damaged bytes, k_unsupported for opcodes and names outside of the
// table; `where` names the file.
Pickle read_pickle(ByteReader& reader, const std::string& where);

}  // namespace hasten::checkpoint

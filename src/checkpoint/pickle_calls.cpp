#include "checkpoint/pickle_calls.h"

namespace hasten::checkpoint {
namespace {

// Typed access to values, whose failure names the place.
class Arguments {
 public:
  Arguments(const Pickle& pickle, const ByteReader& reader) : pickle_(pickle), reader_(reader) {}

  template <typename T>
  const T& get(PickleRef reference, const char* what) const {
    if (const T* value = pickle_.get<T>(reference)) return *value;
    reader_.fail_here(std::string("in a pickle: ") + what);
  }

  Dims integers(PickleRef reference, const char* what) const {
    const auto& items = get<PickleTuple>(reference, what).items;
    if (items.size() > 16) reader_.fail_here("in a pickle: a tensor of more than 16 dimensions");
    Dims values;
    for (const PickleRef item : items) values.push_back(get<std::int64_t>(item, what));
    return values;
  }

 private:
  const Pickle& pickle_;
  const ByteReader& reader_;
};

PickleTensorRef rebuild_tensor(Pickle& pickle, const std::vector<PickleRef>& items,
                               const ByteReader& reader) {
  const Arguments arguments(pickle, reader);
  // storage, offset, sizes, strides, requires_grad, backward_hooks[, metadata]
  if (items.size() != 6 && items.size() != 7) reader.fail_here("in a pickle: a tensor's arguments");
  constexpr std::size_t k_most_tensors = 100'000;
  if (pickle.tensors.size() == k_most_tensors) reader.fail_here("more than 100,000 tensors");
  PickleTensor tensor;
  tensor.storage = arguments.get<PickleStorageRef>(items[0], "a tensor without a storage").index;
  tensor.offset = arguments.get<std::int64_t>(items[1], "a tensor's offset is no integer");
  tensor.sizes = arguments.integers(items[2], "a tensor's size is no tuple of integers");
  tensor.strides = arguments.integers(items[3], "a tensor's stride is no tuple of integers");
  if (tensor.sizes.size() != tensor.strides.size()) {
    reader.fail_here("in a pickle: a tensor's size and stride differ in length");
  }
  pickle.tensors.push_back(std::move(tensor));
  return {static_cast<std::uint32_t>(pickle.tensors.size() - 1)};
}

}  // namespace

PickleStorage make_storage(const Pickle& pickle, PickleRef id, const ByteReader& reader) {
  const Arguments arguments(pickle, reader);
  const auto& items = arguments.get<PickleTuple>(id, "a persistent id that is no tuple").items;
  if (items.size() != 5 && items.size() != 6) reader.fail_here("in a pickle: a persistent id");
  if (arguments.get<std::string_view>(items[0], "a persistent id's kind") != "storage") {
    reader.fail_here("in a pickle: a persistent id that is no storage");
  }
  const auto& type = arguments.get<PickleGlobal>(items[1], "a storage's type");
  if (type.kind != PickleGlobalKind::k_storage_type)
    reader.fail_here("in a pickle: a storage's type");
  PickleStorage storage;
  storage.dtype = type.dtype;
  storage.key = arguments.get<std::string_view>(items[2], "a storage's key is no text");
  storage.count = arguments.get<std::int64_t>(items[4], "a storage's size is no integer");
  if (storage.count < 0) reader.fail_here("in a pickle: a storage of negative size");
  if (items.size() == 6 && pickle.get<std::monostate>(items[5]) == nullptr) {
    const auto& view = arguments.get<PickleTuple>(items[5], "a storage's view is no tuple").items;
    if (view.size() != 3) reader.fail_here("in a pickle: a storage's view");
    storage.is_view = true;
    storage.view_offset = arguments.get<std::int64_t>(view[1], "a view's offset is no integer");
    storage.view_count = arguments.get<std::int64_t>(view[2], "a view's size is no integer");
  }
  return storage;
}

PickleValue call_global(Pickle& pickle, PickleRef function, PickleRef arguments,
                        const ByteReader& reader) {
  const Arguments typed(pickle, reader);
  const auto& global = typed.get<PickleGlobal>(function, "a call of something that is no function");
  const auto& items =
      typed.get<PickleTuple>(arguments, "a call without a tuple of arguments").items;
  switch (global.kind) {
    case PickleGlobalKind::k_ordered_dict:
      if (!items.empty()) reader.fail_here("in a pickle: OrderedDict with arguments");
      return PickleDict();
    case PickleGlobalKind::k_rebuild_tensor:
      return rebuild_tensor(pickle, items, reader);
    case PickleGlobalKind::k_rebuild_parameter:
      // data, requires_grad, backward_hooks
      if (items.size() != 3) reader.fail_here("in a pickle: a parameter's arguments");
      return typed.get<PickleTensorRef>(items[0], "a parameter without a tensor");
    case PickleGlobalKind::k_storage_type:
      break;
  }
  reader.fail_here("in a pickle: a call of something that is no function");
}

}  // namespace hasten::checkpoint

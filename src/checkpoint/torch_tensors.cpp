#include "checkpoint/torch_tensors.h"

#include <fmt/format.h>

#include <cstring>
#include <optional>

#include "base/error.h"
#include "checkpoint/quote_name.h"

namespace hasten::checkpoint {
namespace {

// Whether elements follow each other; strides of dimensions of one element do not matter.
bool is_contiguous(const PickleTensor& view) {
  std::int64_t expected = 1;
  for (std::size_t i = view.sizes.size(); i-- > 0;) {
    if (view.sizes[i] != 1 && view.strides[i] != expected) return false;
    if (__builtin_mul_overflow(expected, view.sizes[i], &expected)) return false;
  }
  return true;
}

// One past the last element that the view touches; nothing when that does not fit 63 bits.
std::optional<std::int64_t> end_of(const PickleTensor& view) {
  std::int64_t last = view.offset;
  for (std::size_t i = 0; i < view.sizes.size(); ++i) {
    std::int64_t reach = 0;
    if (view.strides[i] < 0 || __builtin_mul_overflow(view.sizes[i] - 1, view.strides[i], &reach) ||
        __builtin_add_overflow(last, reach, &last)) {
      return std::nullopt;
    }
  }
  std::int64_t end = 0;
  if (__builtin_add_overflow(last, 1, &end)) return std::nullopt;
  return end;
}

// Copies a strided view, in row-major order.
void gather(const PickleTensor& view, std::span<const std::byte> storage, std::size_t element_size,
            std::vector<std::byte>& out) {
  std::vector<std::int64_t> index(view.sizes.size(), 0);
  // The stride of a dimension of one element is arbitrary, and could overflow.
  Dims strides = view.strides;
  for (std::size_t i = 0; i < strides.size(); ++i) strides[i] = view.sizes[i] == 1 ? 0 : strides[i];
  std::int64_t element = view.offset;
  for (std::size_t to = 0; to < out.size(); to += element_size) {
    std::memcpy(&out[to], &storage[static_cast<std::size_t>(element) * element_size], element_size);
    for (std::size_t i = index.size(); i-- > 0;) {
      element += strides[i];
      if (++index[i] < view.sizes[i]) break;
      element -= strides[i] * view.sizes[i];
      index[i] = 0;
    }
  }
}

class TensorCollector {
 public:
  TensorCollector(const Pickle& pickle, const StorageBytes& storage_bytes,
                  const std::shared_ptr<const void>& owner, std::uint64_t gather_limit,
                  const std::string& where)
      : pickle_(pickle),
        storage_bytes_(storage_bytes),
        owner_(owner),
        gather_limit_(gather_limit),
        where_(where) {}

  std::map<std::string, Tensor> collect() {
    const auto* dict = pickle_.get<PickleDict>(pickle_.root);
    if (dict == nullptr) fail_content("the file holds something else than a dictionary of tensors");
    std::map<std::string, Tensor> tensors;
    for (const auto& [key, value] : dict->items) {
      const auto* name = pickle_.get<std::string_view>(key);
      if (name == nullptr || !is_tensor_name(*name)) fail_content("a key that is no tensor's name");
      const auto* reference = pickle_.get<PickleTensorRef>(value);
      if (reference == nullptr) fail_content(fmt::format("{} is no tensor", quote_name(*name)));
      Tensor tensor = make_tensor(pickle_.tensors[reference->index], *name);
      if (!tensors.emplace(*name, std::move(tensor)).second) {
        fail(ErrorCode::k_malformed, fmt::format("tensor {} is there twice", quote_name(*name)),
             where_);
      }
    }
    return tensors;
  }

 private:
  [[noreturn]] void fail_content(const std::string& what) const {
    fail(ErrorCode::k_unsupported, what, where_,
         "a training state, or a model wrapped in something, was saved",
         "Save the model itself: model.save_pretrained(folder), or torch.save(model.state_dict(), "
         "\"pytorch_model.bin\").");
  }

  [[noreturn]] void fail_tensor(std::string_view name, const std::string& what) const {
    fail(ErrorCode::k_malformed, fmt::format("tensor {} {}", quote_name(name), what), where_,
         "the file is damaged", "Save or download the checkpoint again.");
  }

  Tensor make_tensor(const PickleTensor& view, std::string_view name) {
    const PickleStorage& storage = pickle_.storages[view.storage];
    const auto bytes = storage_bytes_(storage);
    const auto available = static_cast<std::int64_t>(bytes.size() / size_of(storage.dtype));
    const auto count = element_count(view.sizes);
    if (!count || view.offset < 0) {
      fail_tensor(name, fmt::format("has the shape {} at {}", to_string(view.sizes), view.offset));
    }
    if (*count == 0) return {storage.dtype, view.sizes, {}, owner_};
    const auto end = end_of(view);
    if (!end || *end > available) {
      fail_tensor(name, fmt::format("of shape {} reaches past its storage of {} elements",
                                    to_string(view.sizes), available));
    }
    const std::size_t element_size = size_of(storage.dtype);
    if (!is_contiguous(view)) return gather_tensor(view, storage.dtype, bytes, *count, name);
    return {storage.dtype, view.sizes,
            bytes.subspan(static_cast<std::size_t>(view.offset) * element_size,
                          static_cast<std::size_t>(*count) * element_size),
            owner_};
  }

  Tensor gather_tensor(const PickleTensor& view, DType dtype, std::span<const std::byte> storage,
                       std::int64_t count, std::string_view name) {
    std::uint64_t size = 0;
    if (__builtin_mul_overflow(static_cast<std::uint64_t>(count), size_of(dtype), &size) ||
        size > gather_limit_) {
      fail_tensor(name, fmt::format("of shape {} repeats its storage to more than the file's size",
                                    to_string(view.sizes)));
    }
    gather_limit_ -= size;
    auto values = std::make_shared<std::vector<std::byte>>(size);
    gather(view, storage, size_of(dtype), *values);
    return {dtype, view.sizes, *values, values};
  }

  const Pickle& pickle_;
  const StorageBytes& storage_bytes_;
  const std::shared_ptr<const void>& owner_;
  std::uint64_t gather_limit_;
  const std::string& where_;
};

}  // namespace

std::map<std::string, Tensor> collect_tensors(const Pickle& pickle,
                                              const StorageBytes& storage_bytes,
                                              const std::shared_ptr<const void>& owner,
                                              std::uint64_t gather_limit,
                                              const std::string& where) {
  return TensorCollector(pickle, storage_bytes, owner, gather_limit, where).collect();
}

}  // namespace hasten::checkpoint

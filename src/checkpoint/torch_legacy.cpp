#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>

#include "checkpoint/pickle.h"
#include "checkpoint/quote_name.h"
#include "checkpoint/torch_bin.h"
#include "checkpoint/torch_tensors.h"

namespace hasten::checkpoint {
namespace {

// 0x1950a86a20f9469cfc6c, little-endian.
constexpr std::string_view k_magic = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
constexpr std::int64_t k_version = 1001;
constexpr std::uint64_t k_gather_allowance = 1 << 16;  // beyond the file's size, for tiny files

[[noreturn]] void fail_legacy(const std::string& what, const std::string& where) {
  fail(ErrorCode::k_malformed, what, where, "the file is damaged, or was not written by torch.save",
       "Save or download the checkpoint again.");
}

void check_preamble(ByteReader& reader, const std::string& where) {
  const Pickle magic = read_pickle(reader, where);
  const auto* number = magic.get<PickleLong>(magic.root);
  if (number == nullptr || number->bytes != k_magic) {
    fail(ErrorCode::k_unsupported, "a pickle that torch.save did not write", where,
         "the file holds something else than weights; nothing of it was run",
         "Give the folder that holds pytorch_model.bin or model.safetensors.");
  }
  const Pickle version = read_pickle(reader, where);
  const auto* revision = version.get<std::int64_t>(version.root);
  if (revision == nullptr || *revision != k_version)
    fail_legacy("an unknown version of torch.save", where);
  const Pickle system = read_pickle(reader, where);
  const auto* settings = system.get<PickleDict>(system.root);
  if (settings == nullptr) fail_legacy("the system information is no dictionary", where);
  for (const auto& [key, value] : settings->items) {
    const auto* name = system.get<std::string_view>(key);
    const auto* flag = system.get<bool>(value);
    if (name != nullptr && *name == "little_endian" && (flag == nullptr || !*flag)) {
      fail(ErrorCode::k_unsupported, "values in big-endian order", where, {},
           "Save the checkpoint again on a little-endian machine.");
    }
  }
}

// Where each storage's values lie: key -> bytes.
using StorageMap = std::map<std::string_view, std::span<const std::byte>>;

// Storages by key; every mention of one must agree on its type and size.
std::map<std::string_view, const PickleStorage*> index_storages(const Pickle& pickle,
                                                                const std::string& where) {
  std::map<std::string_view, const PickleStorage*> index;
  for (const PickleStorage& storage : pickle.storages) {
    const auto [place, is_new] = index.emplace(storage.key, &storage);
    if (!is_new &&
        (place->second->dtype != storage.dtype || place->second->count != storage.count)) {
      fail_legacy(fmt::format("storage {} has two sizes", quote_name(storage.key)), where);
    }
  }
  return index;
}

StorageMap read_storages(ByteReader& reader, const Pickle& pickle, const std::string& where) {
  const auto index = index_storages(pickle, where);
  const Pickle keys = read_pickle(reader, where);
  const auto* list = keys.get<PickleList>(keys.root);
  if (list == nullptr) fail_legacy("the storage keys are no list", where);
  StorageMap storages;
  for (const PickleRef reference : list->items) {
    const auto* key = keys.get<std::string_view>(reference);
    const auto known = key == nullptr ? index.end() : index.find(*key);
    if (known == index.end()) fail_legacy("values of a storage that no tensor uses", where);
    const PickleStorage& storage = *known->second;
    const auto count = reader.take_integer<std::int64_t>();
    if (count != storage.count) {
      fail_legacy(fmt::format("storage {} should hold {} values and has {}", quote_name(*key),
                              storage.count, count),
                  where);
    }
    // Compared with what remains before multiplying: the product cannot wrap then.
    const std::size_t element_size = size_of(storage.dtype);
    if (static_cast<std::uint64_t>(count) > reader.remaining() / element_size) {
      fail_legacy(fmt::format("storage {} is cut short", quote_name(*key)), where);
    }
    const auto bytes = reader.take(static_cast<std::uint64_t>(count) * element_size);
    if (!storages.emplace(*key, bytes).second) {
      fail_legacy(fmt::format("storage {} is there twice", quote_name(*key)), where);
    }
  }
  return storages;
}

std::span<const std::byte> find_storage(const StorageMap& storages, const PickleStorage& storage,
                                        const std::string& where) {
  const auto place = storages.find(storage.key);
  if (place == storages.end()) {
    fail_legacy(fmt::format("storage {} is missing", quote_name(storage.key)), where);
  }
  if (!storage.is_view) return place->second;
  if (storage.view_offset < 0 || storage.view_count < 0 || storage.view_offset > storage.count ||
      storage.view_count > storage.count - storage.view_offset) {
    fail_legacy(fmt::format("a view reaches past storage {}", quote_name(storage.key)), where);
  }
  const std::size_t element_size = size_of(storage.dtype);
  return place->second.subspan(static_cast<std::size_t>(storage.view_offset) * element_size,
                               static_cast<std::size_t>(storage.view_count) * element_size);
}

}  // namespace

std::map<std::string, Tensor> read_torch_legacy(const FileBytes& file) {
  const std::string& where = file.where;
  ByteReader reader(file.bytes, where);
  check_preamble(reader, where);
  const Pickle pickle = read_pickle(reader, where);
  const StorageMap storages = read_storages(reader, pickle, where);
  if (reader.remaining() != 0) reader.fail_here("something follows the last storage");
  const auto bytes_of = [&](const PickleStorage& storage) {
    return find_storage(storages, storage, where);
  };
  return collect_tensors(pickle, bytes_of, file.owner, file.bytes.size() + k_gather_allowance,
                         where);
}

}  // namespace hasten::checkpoint

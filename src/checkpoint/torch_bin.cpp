#include "checkpoint/torch_bin.h"

#include <fmt/format.h>

#include "checkpoint/pickle.h"
#include "checkpoint/quote_name.h"
#include "checkpoint/torch_tensors.h"
#include "checkpoint/zip_archive.h"
#include "checkpoint/zip_directory.h"

namespace hasten::checkpoint {
namespace {

constexpr std::uint64_t k_gather_allowance = 1 << 16;  // beyond the file's size, for tiny files

// Everything lies in one folder, named after the file that torch.save was given: "archive/".
std::string find_folder(const ZipArchive& archive, const std::string& where) {
  constexpr std::string_view k_pickle = "/data.pkl";
  std::string folder;
  for (const ZipEntry& entry : archive.entries()) {
    if (!entry.name.ends_with(k_pickle)) continue;
    if (!folder.empty()) {
      fail(ErrorCode::k_malformed, "the archive holds two pickles named data.pkl", where);
    }
    folder = entry.name.substr(0, entry.name.size() - k_pickle.size() + 1);
  }
  if (folder.empty()) {
    fail(ErrorCode::k_malformed, "the zip archive holds no data.pkl", where,
         "it was not written by torch.save", "Give the weights file itself, or its folder.");
  }
  return folder;
}

// Told before the archive is read: a program's code is compressed, which weights never are.
void refuse_program(const FileBytes& file) {
  for (const ZipRecord& record : read_zip_directory(file.bytes, file.where).records) {
    if (!record.name.ends_with("/constants.pkl")) continue;
    fail(ErrorCode::k_unsupported, "a TorchScript program, not weights", file.where, {},
         "Give the checkpoint folder that it was made from.");
  }
}

void check_byte_order(const ZipArchive& archive, const std::string& folder,
                      const std::string& where) {
  if (const ZipEntry* order = archive.find(folder + "byteorder")) {
    const auto bytes = archive.checked(*order);
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (text != "little") {
      fail(ErrorCode::k_unsupported, fmt::format("values in the byte order {}", quote_name(text)),
           where, {}, "Save the checkpoint again on a little-endian machine.");
    }
  }
}

std::span<const std::byte> find_storage(const ZipArchive& archive, const std::string& folder,
                                        const PickleStorage& storage, const std::string& where) {
  const ZipEntry* entry = archive.find(folder + "data/" + std::string(storage.key));
  if (entry == nullptr) {
    fail(ErrorCode::k_malformed, fmt::format("storage {} is missing", quote_name(storage.key)),
         where, "the file is damaged", "Save or download the checkpoint again.");
  }
  std::int64_t size = 0;
  if (storage.is_view ||
      __builtin_mul_overflow(storage.count, static_cast<std::int64_t>(size_of(storage.dtype)),
                             &size) ||
      static_cast<std::uint64_t>(size) != entry->bytes.size()) {
    fail(ErrorCode::k_malformed,
         fmt::format("storage {} should hold {} values of {} and has {} bytes",
                     quote_name(storage.key), storage.count, name_of(storage.dtype),
                     entry->bytes.size()),
         where, "the file is damaged", "Save or download the checkpoint again.");
  }
  return entry->bytes;
}

}  // namespace

std::map<std::string, Tensor> read_torch_zip(const FileBytes& file) {
  const std::string& where = file.where;
  refuse_program(file);
  const ZipArchive archive(file.bytes, where);
  const std::string folder = find_folder(archive, where);
  check_byte_order(archive, folder, where);
  const std::string pickle_where = where + ", " + folder + "data.pkl";
  ByteReader reader(archive.checked(*archive.find(folder + "data.pkl")), pickle_where);
  const Pickle pickle = read_pickle(reader, pickle_where);
  if (reader.remaining() != 0) reader.fail_here("something follows the pickle");
  const auto bytes_of = [&](const PickleStorage& storage) {
    return find_storage(archive, folder, storage, where);
  };
  return collect_tensors(pickle, bytes_of, file.owner, file.bytes.size() + k_gather_allowance,
                         where);
}

}  // namespace hasten::checkpoint

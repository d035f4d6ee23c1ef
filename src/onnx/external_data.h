// Tensor data in files beside the model.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/mapped_file.h"

namespace hasten::onnx {

// Where a tensor says that its data lies.
struct ExternalEntry {
  std::string location;
  std::string offset;  // decimal; empty: 0
  std::string length;  // decimal; empty: what the tensor needs
};

// Opens the data files of one model, each once. A file must lie, links resolved, in the folder of
// the model or in the folder where the model really lies when its path is a link (as in download
// caches).
class ExternalData {
 public:
  // `model`: the path as the user gave it.
  explicit ExternalData(const std::filesystem::path& model);

  struct Slice {
    std::span<const std::byte> bytes;
    std::shared_ptr<const void> owner;
  };

  // The bytes of a tensor that needs `needed` of them. Throws k_malformed for a location outside
  // the folder, a hard link, or a range that the file or the tensor contradicts; k_not_found when
  // the file is missing.
  Slice read(const ExternalEntry& entry, std::uint64_t needed, const std::string& tensor);

 private:
  std::shared_ptr<const MappedFile> open(const std::string& location, const std::string& where);
  std::filesystem::path resolve(const std::string& location, const std::string& where) const;

  std::filesystem::path folder_;
  std::filesystem::path real_folder_;
  std::map<std::string, std::shared_ptr<const MappedFile>> files_;
};

}  // namespace hasten::onnx

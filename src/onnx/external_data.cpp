#include "onnx/external_data.h"

#include <algorithm>
#include <charconv>

#include "base/error.h"

namespace hasten::onnx {
namespace {

namespace fs = std::filesystem;

constexpr const char* k_cause =
    "the model comes from a source that should not be trusted, or was unpacked badly";
constexpr const char* k_remedy =
    "Put the data file, as a plain file, into the folder of the model.";

std::uint64_t parse_number(const std::string& digits, const char* what, const std::string& where) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) {
    fail(ErrorCode::k_malformed,
         std::string("the ") + what + " of external data is \"" + digits + "\", which is no size",
         where);
  }
  return value;
}

bool lies_in(const fs::path& file, const fs::path& folder) {
  const auto [rest, unused] = std::mismatch(folder.begin(), folder.end(), file.begin(), file.end());
  return rest == folder.end();
}

}  // namespace

ExternalData::ExternalData(const fs::path& model) {
  std::error_code ignored;
  const fs::path given = model.parent_path();
  folder_ = fs::canonical(given.empty() ? fs::path(".") : given, ignored);
  real_folder_ = fs::canonical(model, ignored).parent_path();
}

fs::path ExternalData::resolve(const std::string& location, const std::string& where) const {
  const fs::path relative(location);
  const bool climbs = std::find(relative.begin(), relative.end(), fs::path("..")) != relative.end();
  if (location.empty() || location.find('\0') != location.npos || relative.is_absolute() ||
      climbs) {
    fail(ErrorCode::k_malformed,
         "external data is asked for at \"" + std::string(location.c_str()) +
             "\", outside the model's folder",
         where, k_cause, k_remedy);
  }
  std::error_code error;
  fs::path file = fs::canonical(folder_ / relative, error);
  if (error) {
    fail(ErrorCode::k_not_found,
         "the external data file \"" + location + "\" cannot be opened: " + error.message(), where,
         "only the .onnx file was copied", "Copy the data file beside it.");
  }
  if (!lies_in(file, folder_) && !lies_in(file, real_folder_)) {
    fail(ErrorCode::k_malformed,
         "external data \"" + location + "\" is a link that leads out of the model's folder", where,
         k_cause, k_remedy);
  }
  if (fs::is_regular_file(file, error) && fs::hard_link_count(file, error) > 1) {
    fail(ErrorCode::k_malformed,
         "external data \"" + location + "\" has a second name elsewhere (a hard link)", where,
         k_cause, k_remedy);
  }
  return file;
}

std::shared_ptr<const MappedFile> ExternalData::open(const std::string& location,
                                                     const std::string& where) {
  const auto found = files_.find(location);
  if (found != files_.end()) return found->second;
  return files_.emplace(location, MappedFile::open(resolve(location, where))).first->second;
}

ExternalData::Slice ExternalData::read(const ExternalEntry& entry, std::uint64_t needed,
                                       const std::string& tensor) {
  const std::string where = "tensor " + tensor;
  const std::shared_ptr<const MappedFile> file = open(entry.location, where);
  const std::uint64_t size = file->bytes().size();
  const std::uint64_t offset =
      entry.offset.empty() ? 0 : parse_number(entry.offset, "offset", where);
  const std::uint64_t length =
      entry.length.empty() ? needed : parse_number(entry.length, "length", where);
  if (offset > size || length > size - offset) {
    fail(ErrorCode::k_malformed,
         "bytes " + std::to_string(offset) + " to " + std::to_string(offset) + " + " +
             std::to_string(length) + " of \"" + entry.location + "\" are asked for, which has " +
             std::to_string(size),
         where, "the data file is cut short, or belongs to another model",
         "Copy both files again.");
  }
  if (length != needed) {
    fail(ErrorCode::k_malformed,
         "the tensor's type and shape need " + std::to_string(needed) +
             " bytes and its external data has " + std::to_string(length),
         where);
  }
  return {file->bytes().subspan(offset, length), file};
}

}  // namespace hasten::onnx

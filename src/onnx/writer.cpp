#include "onnx/writer.h"

#include <array>
#include <set>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/mapped_file.h"
#include "base/sha256.h"
#include "onnx/encoder.h"

namespace hasten::onnx {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t k_alignment = 4096;  // of tensors, so that any runtime can map them
constexpr std::size_t k_hash_digits = 16;
constexpr std::string_view k_data_suffix = ".data";

using TensorList = std::vector<Tensor>;

// Tensors for the data file in the order of the graph, shared ones once.
TensorList external_tensors(const Graph& graph, std::uint64_t min_bytes) {
  TensorList tensors;
  std::set<std::pair<const std::byte*, std::size_t>> seen;
  for (const NamedTensor& each : graph.initializers) {
    const auto bytes = each.tensor.bytes;
    if (bytes.size() >= min_bytes && seen.insert({bytes.data(), bytes.size()}).second)
      tensors.push_back(each.tensor);
  }
  return tensors;
}

std::string data_name(const fs::path& model, const TensorList& tensors) {
  std::string hashes;
  for (const Tensor& tensor : tensors) hashes += sha256_hex(tensor.bytes, tensor.owner);
  const std::string hash = sha256_hex(std::as_bytes(std::span(hashes.data(), hashes.size())));
  return model.filename().string() + '.' + hash.substr(0, k_hash_digits) +
         std::string(k_data_suffix);
}

ExternalPlan write_data(const fs::path& model, const TensorList& tensors) {
  ExternalPlan plan{data_name(model, tensors), {}};
  AtomicFile file(model.parent_path() / plan.location);
  const std::array<std::byte, k_alignment> zeros{};
  std::uint64_t offset = 0;
  for (const Tensor& tensor : tensors) {
    const auto bytes = tensor.bytes;
    plan.offsets.emplace(std::pair(bytes.data(), bytes.size()), offset);
    file.write(bytes);
    release_pages(bytes, tensor.owner);
    const std::uint64_t padding = (k_alignment - bytes.size() % k_alignment) % k_alignment;
    file.write(std::span(zeros).first(padding));
    offset += bytes.size() + padding;
  }
  file.commit();
  return plan;
}

bool is_data_name(const std::string& name, const std::string& model) {
  const std::size_t length = model.size() + 1 + k_hash_digits + k_data_suffix.size();
  return name.size() == length && name.starts_with(model + '.') && name.ends_with(k_data_suffix) &&
         name.find_first_not_of("0123456789abcdef", model.size() + 1) ==
             model.size() + 1 + k_hash_digits;
}

// Best effort: a file that cannot be removed does no harm.
void remove_stale_data(const fs::path& model, const std::string& current) {
  std::error_code error;
  const fs::path folder = model.parent_path().empty() ? fs::path(".") : model.parent_path();
  std::vector<fs::path> stale;
  for (fs::directory_iterator place(folder, error), end; !error && place != end;
       place.increment(error)) {
    const std::string name = place->path().filename().string();
    if (name != current && is_data_name(name, model.filename().string()))
      stale.push_back(place->path());
  }
  for (const fs::path& file : stale) fs::remove(file, error);
}

}  // namespace

void save_model(const Model& model, const fs::path& path, const WriteLimits& limits) {
  ExternalPlan plan;
  Pieces pieces = encode_model(model, plan);
  if (limits.external || pieces.size() > limits.max_file_bytes) {
    plan = write_data(path, external_tensors(model.graph, limits.min_external_bytes));
    pieces = encode_model(model, plan);
    if (pieces.size() > limits.max_file_bytes) {
      fail(ErrorCode::k_unsupported, "the model is beyond 2 GB even without its tensors", path);
    }
  }
  AtomicFile file(path);
  pieces.write([&](std::span<const std::byte> bytes) { file.write(bytes); });
  file.commit();
  remove_stale_data(path, plan.location);
}

}  // namespace hasten::onnx

#include "engine/cuda/cuda_backend.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <variant>

#include "base/error.h"
#include "engine/cuda/devices.h"
#include "engine/cuda/prepared_program.h"
#include "engine/cuda/stream.h"

namespace hasten::engine::cuda {
namespace {

// The type that buffers have beside float32: that of all products, which float8 may be among where it is bfloat16.
NumberType type_of_products(const Program& program) {
  std::optional<NumberType> type;
  for (const Instruction& instruction : program.instructions) {
    const auto* linear = std::get_if<Linear>(&instruction);
    if (linear == nullptr) continue;
    const bool float8 = linear->precision == Precision::k_float8;
    const NumberType its = float8 ? NumberType::k_bfloat16 : number_type_of(linear->precision);
    if (type && *type != its) {
      fail(ErrorCode::k_unsupported, "a plan of several precisions does not run on the GPU", {}, {},
           "Give one --precision for the whole model, or --device cpu.");
    }
    type = its;
  }
  return type.value_or(NumberType::k_float32);
}

const char* name_of(NumberType type) {
  switch (type) {
    case NumberType::k_float32:
      return "fp32";
    case NumberType::k_bfloat16:
      return "bf16";
    case NumberType::k_float16:
      return "fp16";
    case NumberType::k_float8:
      return "fp8";
  }
  return "";
}

// Throws unless every device asked for can be used.
std::string check_devices(const std::vector<int>& devices) {
  const Driver driver = ask_driver();
  if (!driver.obstacle.empty()) {
    fail(ErrorCode::k_unsupported, "no GPU can be used", "--device cuda", driver.obstacle,
         "Use --device cpu.");
  }
  std::string names;
  for (const int number : devices) {
    if (number >= driver.device_count) {
      fail(ErrorCode::k_usage, fmt::format("there is no GPU {}", number), "--device",
           fmt::format("{} found", driver.device_count), "'hasten inspect --devices' lists them.");
    }
    const CudaDevice device = ask_device(number);
    if (!device.obstacle.empty()) {
      fail(ErrorCode::k_unsupported, fmt::format("GPU {} cannot be used", number), device.name,
           device.obstacle, "Use another, or --device cpu.");
    }
    names += fmt::format("{}cuda:{} {}", names.empty() ? "" : " and ", number, device.name);
  }
  return names;
}

bool has_float8(const Program& program) {
  return std::any_of(program.instructions.begin(), program.instructions.end(),
                     [](const Instruction& instruction) {
                       const auto* linear = std::get_if<Linear>(&instruction);
                       return linear != nullptr && linear->precision == Precision::k_float8;
                     });
}

// 10 * major + minor.
int compute_capability(int device) {
  int major = 0;
  int minor = 0;
  check(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device),
        "the GPU cannot be asked");
  check(cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, device),
        "the GPU cannot be asked");
  return 10 * major + minor;
}

constexpr int k_oldest_float8 = 89;

void check_float8(const std::vector<int>& devices) {
  for (const int device : devices) {
    if (multiplies_float8(device)) continue;
    const int has = compute_capability(device);
    fail(ErrorCode::k_unsupported, fmt::format("GPU {} does not multiply fp8", device),
         "--precision",
         fmt::format("it has compute capability {}.{}, and fp8 needs {}.{}", has / 10, has % 10,
                     k_oldest_float8 / 10, k_oldest_float8 % 10),
         "Use --precision bf16 or fp16.");
  }
}

class CudaExecutable final : public Executable {
 public:
  CudaExecutable(const Program& program, const std::vector<int>& devices)
      : description_(check_devices(devices)), budget_(std::make_shared<Budget>()) {
    const NumberType type = type_of_products(program);
    if (has_float8(program)) check_float8(devices);
    description_ += fmt::format(", {}", has_float8(program) ? "fp8 and bf16" : name_of(type));
    for (const int device : devices) {
      prepared_.push_back(std::make_shared<const PreparedProgram>(program, type, device));
    }
  }

  std::unique_ptr<Stream> make_stream(const StreamOptions& options) const override {
    const std::size_t turn = next_.fetch_add(1) % prepared_.size();
    return std::make_unique<CudaStream>(prepared_[turn], budget_, options);
  }

  std::string description() const override { return description_; }
  std::string note() const override {
    const std::size_t tokens = budget_->tokens;
    if (tokens == k_token_budget) return {};
    return fmt::format(
        "The GPU's memory did not suffice for batches of {} tokens: they have {} at most now.",
        k_token_budget, tokens);
  }

  std::size_t token_budget() const override { return budget_->tokens; }
  std::size_t smallest_batch() const override { return budget_->tokens; }

 private:
  std::string description_;
  std::shared_ptr<Budget> budget_;
  std::vector<std::shared_ptr<const PreparedProgram>> prepared_;
  mutable std::atomic<std::size_t> next_{0};
};

}  // namespace

bool multiplies_float8(int device) {
  return compute_capability(device) >= k_oldest_float8;
}

NumberType number_type_of(Precision precision) {
  switch (precision) {
    case Precision::k_float32:
      return NumberType::k_float32;
    case Precision::k_bfloat16:
      return NumberType::k_bfloat16;
    case Precision::k_float16:
      return NumberType::k_float16;
    case Precision::k_float8:
      return NumberType::k_float8;
    case Precision::k_int8:
    case Precision::k_int8_plain:
      break;
  }
  fail(ErrorCode::k_unsupported, "int8 does not run on the GPU", "--precision", {},
       "Use --precision bf16 or fp16, or --device cpu.");
}

std::unique_ptr<const Executable> prepare(const Program& program, const std::vector<int>& devices) {
  return std::make_unique<CudaExecutable>(program, devices);
}

}  // namespace hasten::engine::cuda

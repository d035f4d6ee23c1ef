// CudaStream: one lane of a device, with its own memory.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/backend.h"
#include "engine/cuda/memory.h"
#include "engine/cuda/prepared_program.h"
#include "engine/cuda/recordings.h"
#include "engine/cuda/workspace.h"

namespace hasten::engine::cuda {

// What all streams of an executable know: how many tokens a pass may have, less than k_token_budget
// once a device's memory did not suffice.
struct Budget {
  std::atomic<std::size_t> tokens{k_token_budget};
};

class CudaStream final : public Stream {
 public:
  CudaStream(std::shared_ptr<const PreparedProgram> prepared, std::shared_ptr<Budget> budget,
             const StreamOptions& options);
  ~CudaStream() override;

  // Waits for the device. A pass that does not fit into its memory is tried again in halves; throws
  // k_out_of_memory for a single text that does not fit, k_incomplete for a lost device.
  void run(const RaggedBatch& batch, std::span<float> logits) override;
  std::vector<ProfileEntry> take_profile() override;

 private:
  void run_pass(const RaggedBatch& batch, std::span<float> logits);
  void run_halves(const RaggedBatch& batch, std::span<float> logits);
  void compute(const RaggedBatch& batch, std::span<float> logits);
  void reserve(const SizeClass& size_class);
  void enqueue_all(const DeviceBatch& batch, const RaggedBatch& original);
  void enqueue_timed(const Operation& operation, const DeviceBatch& batch,
                     const RaggedBatch& original);
  Lane lane();

  std::shared_ptr<const PreparedProgram> prepared_;
  std::shared_ptr<Budget> budget_;
  bool profiles_;
  std::optional<LaneStream> stream_;  // outlives what works on it
  std::unique_ptr<Product> product_;
  Workspace workspace_;
  Recordings recordings_;
  HostMemory block_, logits_;  // staging
  DeviceMemory device_block_;
  std::vector<ProfileEntry> profile_;
};

}  // namespace hasten::engine::cuda

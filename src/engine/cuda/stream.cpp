#include "engine/cuda/stream.h"

#include <algorithm>
#include <chrono>

#include "base/error.h"
#include "engine/cuda/devices.h"

namespace hasten::engine::cuda {

CudaStream::CudaStream(std::shared_ptr<const PreparedProgram> prepared,
                       std::shared_ptr<Budget> budget, const StreamOptions& options)
    : prepared_(std::move(prepared)),
      budget_(std::move(budget)),
      profiles_(options.profile),
      workspace_(prepared_->plan) {
  use_device(prepared_->device);
  stream_.emplace();
  product_ = std::make_unique<Product>(prepared_->algorithms, stream_->get());
}

CudaStream::~CudaStream() = default;

Lane CudaStream::lane() {
  return {stream_->get(), &workspace_, product_.get()};
}

void CudaStream::run(const RaggedBatch& batch, std::span<float> logits) {
  use_device(prepared_->device);
  const auto cut = cut_into_passes(batch, budget_->tokens);
  std::vector<std::int32_t> offsets;
  for (std::size_t pass = 0; pass + 1 < cut.size(); ++pass) {
    const RaggedBatch part = part_of(batch, cut[pass], cut[pass + 1], offsets);
    run_pass(part, logits.subspan(cut[pass] * prepared_->class_count,
                                  part.sequence_count() * prepared_->class_count));
  }
}

void CudaStream::run_pass(const RaggedBatch& batch, std::span<float> logits) {
  try {
    compute(batch, logits);
    return;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::k_out_of_memory || batch.sequence_count() == 1) throw;
  }
  // The device may still read the staging memory of the pass that failed.
  check(cudaStreamSynchronize(stream_->get()), "the GPU failed");
  run_halves(batch, logits);
}

void CudaStream::run_halves(const RaggedBatch& batch, std::span<float> logits) {
  std::size_t seen = budget_->tokens;
  const std::size_t half = batch.token_count() / 2;
  while (half < seen && !budget_->tokens.compare_exchange_weak(seen, half)) {
  }
  const std::size_t middle = batch.sequence_count() / 2;
  std::vector<std::int32_t> offsets;
  run_pass(part_of(batch, 0, middle, offsets), logits.first(middle * prepared_->class_count));
  run_pass(part_of(batch, middle, batch.sequence_count(), offsets),
           logits.subspan(middle * prepared_->class_count));
}

void CudaStream::reserve(const SizeClass& size_class) {
  const std::size_t block_bytes =
      BatchLayout(size_class, prepared_->lookups.size()).size * sizeof(std::int32_t);
  const std::size_t logit_bytes = size_class.sequences * prepared_->class_count * sizeof(float);
  // What was recorded goes first: where memory runs out halfway, no recording may know the old addresses.
  if (!workspace_.holds(size_class) || device_block_.size() < block_bytes) recordings_.clear();
  workspace_.reserve(size_class);
  if (device_block_.size() < block_bytes) {
    device_block_ = DeviceMemory();
    device_block_ = DeviceMemory(block_bytes);
  }
  if (block_.size() < block_bytes) {
    block_ = HostMemory();
    block_ = HostMemory(block_bytes);
  }
  if (logits_.size() < logit_bytes) {
    logits_ = HostMemory();
    logits_ = HostMemory(logit_bytes);
  }
}

void CudaStream::compute(const RaggedBatch& batch, std::span<float> logits) {
  const SizeClass size_class = size_class_of(batch);
  reserve(size_class);
  const std::size_t lookups = prepared_->lookups.size();
  const std::size_t size = BatchLayout(size_class, lookups).size;
  write_batch(batch, prepared_->lookups, size_class, {block_.as<std::int32_t>(), size});
  check(cudaMemcpyAsync(device_block_.data(), block_.data(), size * sizeof(std::int32_t),
                        cudaMemcpyHostToDevice, stream_->get()),
        "a batch cannot be copied to the GPU");
  const DeviceBatch on_device(size_class, lookups, device_block_.as<std::int32_t>());
  if (profiles_) {
    enqueue_all(on_device, batch);
  } else {
    recordings_.run(size_class, stream_->get(), [&] { enqueue_all(on_device, batch); });
  }
  check(cudaMemcpyAsync(logits_.data(), workspace_.at<float>(prepared_->logits),
                        logits.size_bytes(), cudaMemcpyDeviceToHost, stream_->get()),
        "scores cannot be copied from the GPU");
  check(cudaStreamSynchronize(stream_->get()), "the GPU failed");
  std::copy_n(logits_.as<float>(), logits.size(), logits.begin());
}

void CudaStream::enqueue_all(const DeviceBatch& batch, const RaggedBatch& original) {
  for (const auto& operation : prepared_->operations) {
    if (profiles_) {
      enqueue_timed(*operation, batch, original);
    } else {
      operation->enqueue(batch, lane());
    }
  }
}

void CudaStream::enqueue_timed(const Operation& operation, const DeviceBatch& batch,
                               const RaggedBatch& original) {
  using Clock = std::chrono::steady_clock;
  check(cudaStreamSynchronize(stream_->get()), "the GPU failed");
  const auto start = Clock::now();
  operation.enqueue(batch, lane());
  check(cudaStreamSynchronize(stream_->get()), "the GPU failed");
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  const std::string name = operation.name();
  auto entry = std::find_if(profile_.begin(), profile_.end(),
                            [&](const auto& known) { return known.name == name; });
  if (entry == profile_.end()) entry = profile_.insert(entry, ProfileEntry{name});
  entry->seconds += seconds;
  entry->flops += operation.flops(original);
  ++entry->calls;
}

std::vector<ProfileEntry> CudaStream::take_profile() {
  return std::exchange(profile_, {});
}

}  // namespace hasten::engine::cuda

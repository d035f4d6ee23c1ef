// The pairs of a long word that may merge, by rank and then by place.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

namespace hasten::tokenizer {

// A priority queue that is nearly linear for what BPE does: within a rank, places mostly arrive in
// ascending order. Those are kept as a run that is read from its front; the few others in a heap.
class MergeQueue {
 public:
  void push(std::uint32_t rank, std::int32_t place) {
    if (rank >= bucket_of_rank_.size()) bucket_of_rank_.resize(rank + 1, k_no_bucket);
    std::uint32_t& index = bucket_of_rank_[rank];
    if (index == k_no_bucket) {
      index = static_cast<std::uint32_t>(used_ranks_.size());
      used_ranks_.push_back(rank);
      if (buckets_.size() < used_ranks_.size()) buckets_.emplace_back();
    }
    Bucket& bucket = buckets_[index];
    if (!bucket.active) {
      bucket.active = true;
      ranks_.push_back(rank);
      std::push_heap(ranks_.begin(), ranks_.end(), std::greater<>());
    }
    if (bucket.run.empty() || place >= bucket.run.back()) {
      bucket.run.push_back(place);
    } else {
      bucket.late.push_back(place);
      std::push_heap(bucket.late.begin(), bucket.late.end(), std::greater<>());
    }
  }

  // The lowest place of the lowest rank; false when the queue is empty.
  bool pop(std::uint32_t& rank, std::int32_t& place) {
    while (!ranks_.empty()) {
      rank = ranks_.front();
      Bucket& bucket = buckets_[bucket_of_rank_[rank]];
      if (bucket.pop(place)) return true;
      bucket.active = false;
      std::pop_heap(ranks_.begin(), ranks_.end(), std::greater<>());
      ranks_.pop_back();
    }
    for (const std::uint32_t used : used_ranks_) bucket_of_rank_[used] = k_no_bucket;
    used_ranks_.clear();
    return false;
  }

  // All places of the lowest rank, ascending; false when the queue is empty.
  bool pop_rank(std::uint32_t& rank, std::vector<std::int32_t>& places) {
    places.clear();
    std::int32_t place = 0;
    if (!pop(rank, place)) return false;
    Bucket& bucket = buckets_[bucket_of_rank_[rank]];
    do {
      places.push_back(place);
    } while (bucket.pop(place));
    return true;
  }

  // Gives back what an unusually long word took. The queue must be empty.
  void shrink() { buckets_ = {}; }

 private:
  static constexpr std::uint32_t k_no_bucket = 0xFFFFFFFF;

  struct Bucket {
    std::vector<std::int32_t> run;
    std::size_t front = 0;
    std::vector<std::int32_t> late;  // a heap, the lowest first
    bool active = false;

    bool pop(std::int32_t& place) {
      const bool from_run = front < run.size();
      if (!from_run && late.empty()) return false;
      if (from_run && (late.empty() || run[front] <= late.front())) {
        place = run[front++];
        if (front == run.size()) {
          run.clear();
          front = 0;
        }
        return true;
      }
      place = late.front();
      std::pop_heap(late.begin(), late.end(), std::greater<>());
      late.pop_back();
      return true;
    }
  };

  std::vector<std::uint32_t> ranks_;  // of active buckets: a heap, the lowest first
  std::vector<std::uint32_t> bucket_of_rank_;
  std::vector<std::uint32_t> used_ranks_;
  std::vector<Bucket> buckets_;
};

}  // namespace hasten::tokenizer

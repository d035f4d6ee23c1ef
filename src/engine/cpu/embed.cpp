// Embed: the sum of each token's rows of the tables, normalised.
#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <optional>

#include "engine/cpu/builder.h"
#include "engine/cpu/normalizer.h"

namespace hasten::engine::cpu {
namespace {

// A lookup whose table is float32: the program's own where it is, a copy where it is not.
struct Table {
  Tensor rows;
  IndexSource source;
  std::int64_t index_offset;

  const std::byte* row(std::int64_t index) const {
    assert(index >= 0 && index < rows.dims[0]);
    return rows.bytes.data() + static_cast<std::size_t>(index * rows.dims[1]) * sizeof(float);
  }
};

Table make_table(const Lookup& lookup) {
  const Tensor& table = lookup.table;
  Tensor rows = table.dtype == DType::k_float32
                    ? table
                    : make_tensor<float>(Dims(table.dims), to_float32(table));
  return {std::move(rows), lookup.source, lookup.index_offset};
}

// The index of each token in turn, from a sequence's first token on.
class IndexWalk {
 public:
  IndexWalk(const Table& table, const RaggedBatch& batch, std::size_t first_token)
      : table_(&table), batch_(&batch), token_(first_token) {}

  std::int64_t next() {
    const std::size_t token = token_++;
    switch (table_->source) {
      case IndexSource::k_token_id:
        return batch_->token_ids[token];
      case IndexSource::k_type_id:
        return batch_->type_ids[token];
      case IndexSource::k_position:
        return table_->index_offset + position_++;
      case IndexSource::k_padded_position:
        break;
    }
    const std::int64_t pad = table_->index_offset;
    return batch_->token_ids[token] == pad ? pad : pad + ++running_;
  }

 private:
  const Table* table_;
  const RaggedBatch* batch_;
  std::size_t token_;
  std::int64_t position_ = 0;
  std::int64_t running_ = 0;
};

class EmbedOperation final : public Operation {
 public:
  EmbedOperation(const Embed& embed, const Builder& builder)
      : add_(builder.kernels.add),
        width_(builder.width(embed.output)),
        output_(builder.buffers.float32(embed.output)),
        forms_(builder.output_forms()) {
    assert(!embed.lookups.empty() && builder.rows(embed.output) == Rows::k_tokens);
    for (const Lookup& lookup : embed.lookups) {
      assert(lookup.table.dims.size() == 2);
      assert(static_cast<std::size_t>(lookup.table.dims[1]) == width_);
      tables_.push_back(make_table(lookup));
    }
    if (embed.normalization) {
      normalizer_.emplace(*embed.normalization, width_, builder.kernels.normalize);
    }
  }

  void run(const RaggedBatch& batch, const Workspace& workspace,
           const Worker& worker) const override {
    const Range sequences = worker.share(batch.sequence_count());
    for (std::size_t sequence = sequences.begin; sequence < sequences.end; ++sequence) {
      embed(batch, sequence, workspace);
    }
  }

  std::string name() const override { return fmt::format("Embed {}", width_); }

 private:
  void embed(const RaggedBatch& batch, std::size_t sequence, const Workspace& workspace) const {
    const auto first = static_cast<std::size_t>(batch.offsets[sequence]);
    const auto end = static_cast<std::size_t>(batch.offsets[sequence + 1]);
    float* output = workspace.at<float>(output_) + first * width_;
    for (std::size_t table = 0; table < tables_.size(); ++table) {
      IndexWalk walk(tables_[table], batch, first);
      for (std::size_t token = 0; token < end - first; ++token) {
        const std::byte* row = tables_[table].row(walk.next());
        float* sum = output + token * width_;
        if (table == 0) {
          std::memcpy(sum, row, width_ * sizeof(float));
        } else {
          // Kernels read floats at any address.
          add_(sum, reinterpret_cast<const float*>(row), sum, width_);
        }
      }
    }
    if (normalizer_) normalizer_->run(output, nullptr, output, end - first);
    forms_.write(output, first, end - first, workspace);
  }

  AddKernel add_;
  std::size_t width_;
  std::vector<Table> tables_;
  std::optional<Normalizer> normalizer_;
  StorageId output_;
  OperandForms forms_;
};

}  // namespace

std::unique_ptr<Operation> make_operation(const Embed& embed, const Builder& builder) {
  return std::make_unique<EmbedOperation>(embed, builder);
}

}  // namespace hasten::engine::cpu

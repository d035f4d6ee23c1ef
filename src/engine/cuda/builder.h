// Instruction -> Operation: what the operations of a program share while they are made.
#pragma once

#include <memory>

#include "engine/cuda/operation.h"
#include "engine/cuda/product.h"
#include "engine/cuda/weight_store.h"
#include "engine/program.h"

namespace hasten::engine::cuda {

struct Builder {
  const Program& program;
  const StorageMap& storages;
  WeightStore& weights;
  Product& product;         // finds the algorithms of matrix products
  std::size_t instruction;  // the one that is being prepared

  std::size_t width(BufferId buffer) const {
    return static_cast<std::size_t>(program.buffer(buffer).width);
  }
  Rows rows(BufferId buffer) const { return program.buffer(buffer).rows; }
  const Forms& forms(BufferId buffer) const { return storages.forms(buffer); }
};

// One per kind of instruction, each in the file of its name, for T = float, BFloat16 and Float16: the
// type in which matrix products and attention read their operands. They assert that shapes agree and
// throw k_unsupported for what has no kernel here.
template <typename T>
std::unique_ptr<Operation> make_operation(const Embed& embed, const Builder& builder);
template <typename T>
std::unique_ptr<Operation> make_operation(const Linear& linear, const Builder& builder);
template <typename T>
std::unique_ptr<Operation> make_operation(const Attention& attention, const Builder& builder);
template <typename T>
std::unique_ptr<Operation> make_operation(const AddNormalize& normalize, const Builder& builder);
template <typename T>
std::unique_ptr<Operation> make_operation(const Activate& activate, const Builder& builder);
template <typename T>
std::unique_ptr<Operation> make_operation(const Gate& gate, const Builder& builder);
template <typename T>
std::unique_ptr<Operation> make_operation(const Neighbors& neighbors, const Builder& builder);
template <typename T>
std::unique_ptr<Operation> make_operation(const Add& add, const Builder& builder);
template <typename T>
std::unique_ptr<Operation> make_operation(const Pool& pool, const Builder& builder);

// In each of those files, at its end.
#define HASTEN_INSTANTIATE(Instruction)                                                          \
  template std::unique_ptr<Operation> make_operation<float>(const Instruction&, const Builder&); \
  template std::unique_ptr<Operation> make_operation<BFloat16>(const Instruction&,               \
                                                               const Builder&);                  \
  template std::unique_ptr<Operation> make_operation<Float16>(const Instruction&, const Builder&);

}  // namespace hasten::engine::cuda

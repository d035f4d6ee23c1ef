#include "checkpoint/pickle_globals.h"

#include <fmt/format.h>

#include <array>

#include "base/error.h"
#include "checkpoint/quote_name.h"

namespace hasten::checkpoint {
namespace {

struct NamedGlobal {
  std::string_view module;
  std::string_view name;
  PickleGlobal global;
};

constexpr auto k_storage = PickleGlobalKind::k_storage_type;

constexpr std::array<NamedGlobal, 13> k_globals = {{
    {"collections", "OrderedDict", {PickleGlobalKind::k_ordered_dict}},
    {"torch._utils", "_rebuild_tensor_v2", {PickleGlobalKind::k_rebuild_tensor}},
    {"torch._utils", "_rebuild_parameter", {PickleGlobalKind::k_rebuild_parameter}},
    {"torch", "FloatStorage", {k_storage, DType::k_float32}},
    {"torch", "DoubleStorage", {k_storage, DType::k_float64}},
    {"torch", "HalfStorage", {k_storage, DType::k_float16}},
    {"torch", "BFloat16Storage", {k_storage, DType::k_bfloat16}},
    {"torch", "LongStorage", {k_storage, DType::k_int64}},
    {"torch", "IntStorage", {k_storage, DType::k_int32}},
    {"torch", "ShortStorage", {k_storage, DType::k_int16}},
    {"torch", "CharStorage", {k_storage, DType::k_int8}},
    {"torch", "ByteStorage", {k_storage, DType::k_uint8}},
    {"torch", "BoolStorage", {k_storage, DType::k_bool}},
}};

}  // namespace

PickleGlobal find_pickle_global(std::string_view module, std::string_view name,
                                const std::string& where) {
  for (const NamedGlobal& known : k_globals) {
    if (known.module == module && known.name == name) return known.global;
  }
  const std::string full_name = std::string(module) + "." + std::string(name);
  if (module.starts_with("transformers.") || module.starts_with("simpletransformers.")) {
    fail(
        ErrorCode::k_unsupported,
        fmt::format("the file holds a Python object, {}, not weights alone", quote_name(full_name)),
        where, "a whole model or its training arguments were pickled",
        "Load it where it was made and save it with model.save_pretrained(folder).");
  }
  if (module.starts_with("torch") && (name.find("quant") != name.npos || name.starts_with("Q"))) {
    fail(ErrorCode::k_unsupported, fmt::format("quantised weights ({})", quote_name(full_name)),
         where, {}, "Give the checkpoint as it was before quantisation.");
  }
  fail(ErrorCode::k_unsupported,
       fmt::format("the pickle asks for {}, which no weights need", quote_name(full_name)), where,
       "something else than weights was pickled, or the file is an attack; nothing of it was run",
       "Get the checkpoint as safetensors, from a source that you trust.");
}

}  // namespace hasten::checkpoint

// Shape rules of operators that choose or make elements: Gather, Slice, Range, reductions.
#include <algorithm>

#include "base/onnx_dtype.h"
#include "graph/shape_call.h"

namespace hasten::graph {
namespace {

// Elements of a shape tensor picked by index.
Elements gathered_elements(const ShapeCall& call) {
  const auto& from = call.input(0).elements;
  const auto indices = call.integers(1);
  if (!from || !indices || !call.shape(0) || call.input(0).rank() != 1 || !call.shape(1) ||
      call.input(1).rank() > 1) {
    return std::nullopt;
  }
  std::vector<Element> result;
  for (const std::int64_t index : *indices)
    result.push_back((*from)[call.axis(index, from->size())]);
  return result;
}

void gather(ShapeCall& call) {
  if (!call.shape(0) || !call.shape(1))
    return call.set(0, call.dtype(0), std::nullopt, gathered_elements(call));
  const auto axis =
      static_cast<std::ptrdiff_t>(call.axis(call.node.integer("axis", 0), call.input(0).rank()));
  Shape result(call.shape(0)->begin(), call.shape(0)->begin() + axis);
  result.insert(result.end(), call.shape(1)->begin(), call.shape(1)->end());
  result.insert(result.end(), call.shape(0)->begin() + axis + 1, call.shape(0)->end());
  call.set(0, call.dtype(0), result, gathered_elements(call));
}

// The result has the shape of the indices.
void gather_elements(ShapeCall& call) {
  call.set(0, call.dtype(0), call.shape(1));
}

void gather_nd(ShapeCall& call) {
  const auto& indices = call.shape(1);
  const std::int64_t batch = call.node.integer("batch_dims", 0);
  const bool known =
      call.shape(0) && indices && !indices->empty() && indices->back().known() && batch >= 0;
  if (!known || batch + indices->back().size > static_cast<std::int64_t>(call.input(0).rank())) {
    return call.set(0, call.dtype(0), std::nullopt);
  }
  Shape result(indices->begin(), indices->end() - 1);
  result.insert(result.end(), call.shape(0)->begin() + batch + indices->back().size,
                call.shape(0)->end());
  call.set(0, call.dtype(0), result);
}

void like_data(ShapeCall& call) {
  call.set(0, call.dtype(0), call.shape(0));
}

// How many elements numpy's slice takes; nothing when that depends on what is unknown.
std::optional<std::int64_t> slice_count(const Dim& dim, std::int64_t start, std::int64_t end,
                                        std::int64_t step) {
  if (!dim.known() || step == 0) return std::nullopt;
  const std::int64_t low = step > 0 ? 0 : -1;
  const std::int64_t high = step > 0 ? dim.size : dim.size - 1;
  const auto place = [&](std::int64_t at) {
    return std::clamp(at < 0 ? at + dim.size : at, low, high);
  };
  const std::int64_t distance = step > 0 ? place(end) - place(start) : place(start) - place(end);
  if (distance <= 0) return 0;
  const auto size =
      step > 0 ? static_cast<std::uint64_t>(step) : 0 - static_cast<std::uint64_t>(step);
  return static_cast<std::int64_t>((static_cast<std::uint64_t>(distance) - 1) / size) + 1;
}

// The dimension that a slice leaves. A slice from 0 up to a named dimension is taken to have it: no
// shorter table of positions would let the graph run.
Dim sliced_dim(const Dim& dim, std::int64_t start, const Element& end, std::int64_t step) {
  const bool from_first = start == 0 && step == 1;
  if (!end.value) return from_first ? end.dim() : Dim{};
  const auto count = slice_count(dim, start, *end.value, step);
  if (count) return {*count, {}};
  return from_first && *end.value >= INT32_MAX ? dim : Dim{};
}

Elements sliced_elements(const ShapeCall& call, std::int64_t start, std::int64_t end,
                         std::int64_t step) {
  const auto& from = call.input(0).elements;
  if (!from || !call.shape(0) || call.input(0).rank() != 1) return std::nullopt;
  const auto length = static_cast<std::int64_t>(from->size());
  const auto count = slice_count({length, {}}, start, end, step);
  if (!count) return std::nullopt;
  const std::int64_t first = std::clamp<std::int64_t>(
      start < 0 ? start + length : start, 0, std::max<std::int64_t>(length - (step < 0), 0));
  std::vector<Element> result;
  for (std::int64_t k = 0; k < *count; ++k)
    result.push_back((*from)[static_cast<std::size_t>(first + k * step)]);
  return result;
}

// The bounds of a slice as they are known.
struct SliceBounds {
  std::optional<std::vector<std::int64_t>> starts;
  Elements ends;
  std::optional<std::vector<std::int64_t>> axes;
  std::optional<std::vector<std::int64_t>> steps;

  explicit SliceBounds(const ShapeCall& call) {
    bool absent = false;
    starts = call.integers_of("starts", 1, absent);
    ends = call.input(2).elements;
    if (const auto given = call.integers_of("ends", 2, absent)) {
      ends.emplace();
      for (const std::int64_t end : *given) ends->push_back(Element::of(end));
    }
    axes = call.integers_of("axes", 3, absent);
    if (absent && starts) {
      axes.emplace();
      for (std::size_t k = 0; k < starts->size(); ++k)
        axes->push_back(static_cast<std::int64_t>(k));
    }
    steps = call.integers_of("steps", 4, absent);
    if (absent && axes) steps.emplace(axes->size(), 1);
  }

  bool complete() const {
    return starts && ends && axes && steps && starts->size() == axes->size() &&
           ends->size() == axes->size() && steps->size() == axes->size();
  }
};

void slice(ShapeCall& call) {
  if (!call.shape(0)) return call.set(0, call.dtype(0), std::nullopt);
  const SliceBounds bounds(call);
  Shape result = *call.shape(0);
  if (!bounds.axes) return call.set(0, call.dtype(0), Shape(result.size()));
  const bool complete = bounds.complete();
  for (std::size_t k = 0; k < bounds.axes->size(); ++k) {
    Dim& dim = result[call.axis((*bounds.axes)[k], result.size())];
    dim = complete ? sliced_dim(dim, (*bounds.starts)[k], (*bounds.ends)[k], (*bounds.steps)[k])
                   : Dim{};
  }
  const bool of_vector = complete && bounds.axes->size() == 1 && (*bounds.ends)[0].value;
  call.set(0, call.dtype(0), result,
           of_vector ? sliced_elements(call, (*bounds.starts)[0], *(*bounds.ends)[0].value,
                                       (*bounds.steps)[0])
                     : std::nullopt);
}

void pad(ShapeCall& call) {
  bool absent = false;
  const auto pads = call.integers_of("pads", 1, absent);
  if (!call.shape(0)) return call.set(0, call.dtype(0), std::nullopt);
  Shape result = *call.shape(0);
  const bool all_axes = !call.given(3) && pads && pads->size() == 2 * result.size();
  for (std::size_t axis = 0; axis < result.size(); ++axis) {
    Dim& dim = result[axis];
    std::int64_t more = 0;
    std::int64_t size = 0;
    const bool known =
        all_axes && !__builtin_add_overflow((*pads)[axis], (*pads)[axis + result.size()], &more);
    if (known && more == 0) continue;
    const bool fits = known && dim.known() && !__builtin_add_overflow(dim.size, more, &size);
    dim = fits ? Dim{size, {}} : Dim{};
  }
  call.set(0, call.dtype(0), result);
}

void non_zero(ShapeCall& call) {
  const Dim rank = call.shape(0) ? Dim{static_cast<std::int64_t>(call.input(0).rank()), {}} : Dim{};
  call.set(0, DType::k_int64, Shape{rank, {}});
}

void constant_of_shape(ShapeCall& call) {
  DType dtype = DType::k_float32;
  std::int64_t fill = 0;
  const auto value = call.node.attributes.find("value");
  if (value != call.node.attributes.end()) {
    const auto* tensor = std::get_if<Tensor>(&value->second);
    if (tensor == nullptr || tensor->size() != 1)
      call.malformed("value is not a tensor of one element");
    dtype = tensor->dtype;
    if (!is_floating(dtype)) fill = to_int64(*tensor)[0];
  }
  const auto& elements = call.input(0).elements;
  if (!elements) return call.set(0, dtype, std::nullopt);
  Shape shape;
  for (const Element& element : *elements) shape.push_back(element.dim());
  const bool vector =
      shape.size() == 1 && shape[0].known() && shape[0].size <= 64 && !is_floating(dtype);
  call.set(0, dtype, shape,
           vector ? std::optional(std::vector<Element>(static_cast<std::size_t>(shape[0].size),
                                                       Element::of(fill)))
                  : std::nullopt);
}

void range(ShapeCall& call) {
  const auto& end = call.input(1).elements;
  const auto start = call.integers(0);
  const auto step = call.integers(2);
  Dim count;
  if (start && step && end && start->size() == 1 && step->size() == 1 && end->size() == 1) {
    const Element& limit = (*end)[0];
    if (!limit.value) {
      if ((*start)[0] == 0 && (*step)[0] == 1) count.name = limit.name;
    } else {
      std::int64_t distance = 0;
      const bool fits =
          (*step)[0] > 0 && !__builtin_sub_overflow(*limit.value, (*start)[0], &distance);
      if (fits) count.size = distance <= 0 ? 0 : (distance - 1) / (*step)[0] + 1;
    }
  }
  call.set(0, call.dtype(0), Shape{count});
}

void reduce(ShapeCall& call) {
  bool absent = false;
  const auto axes = call.integers_of("axes", 1, absent);
  const bool keep = call.node.integer("keepdims", 1) != 0;
  if (!call.shape(0) || (!absent && !axes)) return call.set(0, call.dtype(0), std::nullopt);
  const Shape& shape = *call.shape(0);
  const bool all = absent || axes->empty();
  if (all && call.node.integer("noop_with_empty_axes", 0) != 0) return like_data(call);
  std::vector<bool> reduced(shape.size(), all);
  for (std::size_t k = 0; !all && k < axes->size(); ++k)
    reduced[call.axis((*axes)[k], shape.size())] = true;
  Shape result;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    if (!reduced[axis]) result.push_back(shape[axis]);
    if (reduced[axis] && keep) result.push_back({1, {}});
  }
  call.set(0, call.dtype(0), result);
}

void arg_extreme(ShapeCall& call) {
  if (!call.shape(0)) return call.set(0, DType::k_int64, std::nullopt);
  Shape result = *call.shape(0);
  const std::size_t axis = call.axis(call.node.integer("axis", 0), result.size());
  result[axis] = {1, {}};
  if (call.node.integer("keepdims", 1) == 0)
    result.erase(result.begin() + static_cast<std::ptrdiff_t>(axis));
  call.set(0, DType::k_int64, result);
}

void one_hot(ShapeCall& call) {
  if (!call.shape(0)) return call.set(0, call.dtype(2), std::nullopt);
  Shape result = *call.shape(0);
  const auto depth = call.integers(1);
  const auto axis =
      static_cast<std::ptrdiff_t>(call.axis(call.node.integer("axis", -1), result.size() + 1));
  result.insert(result.begin() + axis, depth && depth->size() == 1 ? Dim{(*depth)[0], {}} : Dim{});
  call.set(0, call.dtype(2), result);
}

void eye_like(ShapeCall& call) {
  const std::int64_t code = call.node.integer("dtype", 0);
  call.set(0, code == 0 ? call.dtype(0) : dtype_of_onnx(code), call.shape(0));
}

void global_pool(ShapeCall& call) {
  std::optional<Shape> result = call.shape(0);
  for (std::size_t axis = 2; result && axis < result->size(); ++axis) (*result)[axis] = {1, {}};
  call.set(0, call.dtype(0), result);
}

}  // namespace

void add_choice_rules(ShapeRules& rules) {
  rules[{"GlobalAveragePool", ""}] = global_pool;
  for (const char* name :
       {"ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2",
        "ReduceSumSquare", "ReduceLogSum", "ReduceLogSumExp"}) {
    rules[{name, ""}] = reduce;
  }
  for (const char* name : {"ScatterElements", "Scatter", "ScatterND"})
    rules[{name, ""}] = like_data;
  rules[{"Gather", ""}] = gather;
  rules[{"GatherElements", ""}] = gather_elements;
  rules[{"GatherND", ""}] = gather_nd;
  rules[{"Slice", ""}] = slice;
  rules[{"Pad", ""}] = pad;
  rules[{"NonZero", ""}] = non_zero;
  rules[{"ConstantOfShape", ""}] = constant_of_shape;
  rules[{"Range", ""}] = range;
  rules[{"ArgMax", ""}] = arg_extreme;
  rules[{"ArgMin", ""}] = arg_extreme;
  rules[{"OneHot", ""}] = one_hot;
  rules[{"EyeLike", ""}] = eye_like;
}

}  // namespace hasten::graph

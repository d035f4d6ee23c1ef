// Shape rules of operators that rearrange: Reshape, Transpose, Concat and the like.
#include <algorithm>

#include "graph/shape_call.h"

namespace hasten::graph {
namespace {

// A product of dimensions: a number and named factors; nothing when a factor is unknown.
struct DimProduct {
  std::int64_t number = 1;
  std::vector<std::string> names;
  bool known = true;

  void multiply(const Dim& dim) {
    if (dim.known()) {
      known = known && !__builtin_mul_overflow(number, dim.size, &number);
    } else if (dim.name.empty()) {
      known = false;
    } else {
      names.push_back(dim.name);
    }
  }
  // Takes a factor out; false when it is not in it.
  bool divide(const Dim& dim) {
    if (dim.known()) {
      if (dim.size == 0 || number % dim.size != 0) return false;
      number /= dim.size;
      return true;
    }
    const auto found = std::find(names.begin(), names.end(), dim.name);
    if (dim.name.empty() || found == names.end()) return false;
    names.erase(found);
    return true;
  }
  // As one dimension.
  Dim dim() const {
    if (!known) return {};
    if (names.empty()) return {number, {}};
    return names.size() == 1 && number == 1 ? Dim{-1, names[0]} : Dim{};
  }
};

DimProduct product(const Shape& shape, std::size_t first, std::size_t last) {
  DimProduct result;
  for (std::size_t axis = first; axis < last; ++axis) result.multiply(shape[axis]);
  return result;
}

void reshape(ShapeCall& call) {
  if (!call.input(1).elements) {
    const auto& wanted = call.shape(1);
    const bool ranked =
        wanted && wanted->size() == 1 && (*wanted)[0].known() && (*wanted)[0].size <= 64;
    return call.set(
        0, call.dtype(0),
        ranked ? std::optional(Shape(static_cast<std::size_t>((*wanted)[0].size))) : std::nullopt);
  }
  const bool zero_is_zero = call.node.integer("allowzero", 0) != 0;
  Shape result;
  std::optional<std::size_t> free;
  for (const Element& element : *call.input(1).elements) {
    const std::size_t axis = result.size();
    if (element.is(-1)) free = axis;
    if (element.is(0) && !zero_is_zero) {
      result.push_back(call.shape(0) && axis < call.input(0).rank() ? (*call.shape(0))[axis]
                                                                    : Dim{});
    } else {
      result.push_back(element.dim());
    }
  }
  if (free && call.shape(0)) {
    DimProduct rest = product(*call.shape(0), 0, call.input(0).rank());
    bool divides = rest.known;
    for (std::size_t axis = 0; axis < result.size(); ++axis) {
      if (axis != *free) divides = divides && rest.divide(result[axis]);
    }
    if (divides) result[*free] = rest.dim();
  }
  // A tensor of elements stays followed when it becomes a vector.
  call.set(0, call.dtype(0), result, result.size() <= 1 ? call.input(0).elements : std::nullopt);
}

void flatten(ShapeCall& call) {
  if (!call.shape(0)) return call.set(0, call.dtype(0), Shape(2));
  const std::size_t rank = call.input(0).rank();
  const std::size_t axis = call.axis(call.node.integer("axis", 1), rank, true);
  call.set(
      0, call.dtype(0),
      Shape{product(*call.shape(0), 0, axis).dim(), product(*call.shape(0), axis, rank).dim()});
}

void squeeze(ShapeCall& call) {
  bool absent = false;
  const auto axes = call.integers_of("axes", 1, absent);
  if (!call.shape(0)) return call.set(0, call.dtype(0), std::nullopt, call.input(0).elements);
  const Shape& shape = *call.shape(0);
  std::vector<bool> dropped(shape.size(), false);
  if (absent) {
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
      if (!shape[axis].known()) return call.set(0, call.dtype(0), std::nullopt);
      dropped[axis] = shape[axis].size == 1;
    }
  } else if (!axes) {
    return call.set(0, call.dtype(0), std::nullopt);
  } else {
    for (const std::int64_t axis : *axes) dropped[call.axis(axis, shape.size())] = true;
  }
  Shape result;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    if (!dropped[axis]) result.push_back(shape[axis]);
  }
  call.set(0, call.dtype(0), result, call.input(0).elements);
}

void unsqueeze(ShapeCall& call) {
  bool absent = false;
  const auto axes = call.integers_of("axes", 1, absent);
  if (!call.shape(0) || !axes) return call.set(0, call.dtype(0), std::nullopt);
  const std::size_t rank = call.input(0).rank() + axes->size();
  std::vector<bool> added(rank, false);
  for (const std::int64_t axis : *axes) {
    const std::size_t place = call.axis(axis, rank);
    if (added[place]) call.malformed("an axis is added twice");
    added[place] = true;
  }
  Shape result;
  auto next = call.shape(0)->begin();
  for (const bool one : added) result.push_back(one ? Dim{1, {}} : *next++);
  call.set(0, call.dtype(0), result, result.size() <= 1 ? call.input(0).elements : std::nullopt);
}

void transpose(ShapeCall& call) {
  if (!call.shape(0)) return call.set(0, call.dtype(0), std::nullopt);
  const Shape& shape = *call.shape(0);
  Shape result(shape.rbegin(), shape.rend());
  if (call.node.attributes.contains("perm")) {
    const auto order = call.node.integers("perm", {});
    if (order.size() != shape.size()) call.malformed("perm does not fit the rank");
    for (std::size_t axis = 0; axis < order.size(); ++axis)
      result[axis] = shape[call.axis(order[axis], shape.size())];
  }
  call.set(0, call.dtype(0), result);
}

void expand(ShapeCall& call) {
  if (!call.input(1).elements) return call.set(0, call.dtype(0), std::nullopt);
  Shape wanted;
  for (const Element& element : *call.input(1).elements) wanted.push_back(element.dim());
  call.set(0, call.dtype(0), broadcast_shapes(call, call.shape(0), wanted));
}

void tile(ShapeCall& call) {
  const auto repeats = call.integers(1);
  if (!call.shape(0)) return call.set(0, call.dtype(0), std::nullopt);
  Shape result(call.input(0).rank());
  for (std::size_t axis = 0; repeats && repeats->size() == result.size() && axis < result.size();
       ++axis) {
    DimProduct times;
    times.multiply((*call.shape(0))[axis]);
    times.multiply({(*repeats)[axis], {}});
    result[axis] = times.dim();
  }
  call.set(0, call.dtype(0), result);
}

// Dimensions other than the axis agree: the one that says most counts.
void take_better(Dim& dim, const Dim& other) {
  if (!dim.known() && (other.known() || dim.name.empty())) dim = other;
}

void concat(ShapeCall& call) {
  Elements elements(std::in_place);
  std::optional<Shape> result = call.shape(0);
  for (std::size_t index = 0; index < call.inputs.size(); ++index) {
    const ValueFacts& part = call.input(index);
    if (elements && part.elements && part.shape && part.rank() == 1) {
      elements->insert(elements->end(), part.elements->begin(), part.elements->end());
    } else {
      elements.reset();
    }
    if (!result || !part.shape || part.rank() != result->size()) result.reset();
    if (!result || index == 0) continue;
    const std::size_t axis = call.axis(call.node.integer("axis", 1), result->size());
    for (std::size_t k = 0; k < result->size(); ++k) {
      Dim& dim = (*result)[k];
      const Dim& other = (*part.shape)[k];
      std::int64_t sum = 0;
      if (k != axis) {
        take_better(dim, other);
      } else if (dim.known() && other.known() &&
                 !__builtin_add_overflow(dim.size, other.size, &sum)) {
        dim.size = sum;
      } else {
        dim = {};
      }
    }
  }
  call.set(0, call.dtype(0), result, std::move(elements));
}

void split(ShapeCall& call) {
  bool absent = false;
  const auto lengths = call.integers_of("split", 1, absent);
  const std::size_t count = call.outputs.size();
  for (std::size_t index = 0; index < count; ++index) {
    std::optional<Shape> shape = call.shape(0);
    if (shape) {
      Dim& dim = (*shape)[call.axis(call.node.integer("axis", 0), shape->size())];
      const auto pieces = call.node.integer("num_outputs", static_cast<std::int64_t>(count));
      if (lengths && index < lengths->size()) {
        dim = {std::max<std::int64_t>((*lengths)[index], -1), {}};
      } else if (absent && dim.known() && pieces > 0) {
        const std::int64_t each = dim.size / pieces + (dim.size % pieces != 0);
        const bool last = static_cast<std::int64_t>(index) == pieces - 1;
        dim = {last ? dim.size - each * (pieces - 1) : each, {}};
      } else {
        dim = {};
      }
    }
    call.set(index, call.dtype(0), shape);
  }
}

void shape_of(ShapeCall& call) {
  if (!call.shape(0)) return call.set(0, DType::k_int64, Shape(1));
  const auto rank = static_cast<std::int64_t>(call.input(0).rank());
  const auto clamp = [&](std::int64_t place) {
    return std::clamp<std::int64_t>(place < 0 ? place + rank : place, 0, rank);
  };
  const std::int64_t start = clamp(call.node.integer("start", 0));
  const std::int64_t end = std::max(start, clamp(call.node.integer("end", rank)));
  std::vector<Element> elements;
  for (std::int64_t axis = start; axis < end; ++axis)
    elements.push_back(Element::of((*call.shape(0))[static_cast<std::size_t>(axis)]));
  call.set(0, DType::k_int64, Shape{{end - start, {}}}, std::move(elements));
}

void size_of_all(ShapeCall& call) {
  Elements elements;
  if (call.shape(0))
    elements.emplace({Element::of(product(*call.shape(0), 0, call.input(0).rank()).dim())});
  call.set(0, DType::k_int64, Shape{}, std::move(elements));
}

}  // namespace

void add_layout_rules(ShapeRules& rules) {
  rules[{"Reshape", ""}] = reshape;
  rules[{"Flatten", ""}] = flatten;
  rules[{"Squeeze", ""}] = squeeze;
  rules[{"Unsqueeze", ""}] = unsqueeze;
  rules[{"Transpose", ""}] = transpose;
  rules[{"Expand", ""}] = expand;
  rules[{"Tile", ""}] = tile;
  rules[{"Concat", ""}] = concat;
  rules[{"Split", ""}] = split;
  rules[{"Shape", ""}] = shape_of;
  rules[{"Size", ""}] = size_of_all;
}

}  // namespace hasten::graph

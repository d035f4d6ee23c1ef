// Shape rules of matrix products and quantisation.
#include "base/onnx_dtype.h"
#include "graph/shape_call.h"

namespace hasten::graph {
namespace {

Shape exchanged(Shape shape) {
  if (shape.size() > 1) std::swap(shape[shape.size() - 1], shape[shape.size() - 2]);
  return shape;
}

// numpy.matmul.
std::optional<Shape> product_shape(const ShapeCall& call, std::optional<Shape> a,
                                   std::optional<Shape> b) {
  if (!a || !b) return std::nullopt;
  if (a->empty() || b->empty()) call.malformed("a product of scalars");
  const bool row = a->size() == 1;
  const bool column = b->size() == 1;
  if (row) a->insert(a->begin(), Dim{1, {}});
  if (column) b->push_back({1, {}});
  const Dim& depth = a->back();
  const Dim& other = (*b)[b->size() - 2];
  if (depth.known() && other.known() && depth.size != other.size)
    call.malformed("the depths of a product differ");
  auto result =
      broadcast_shapes(call, Shape(a->begin(), a->end() - 2), Shape(b->begin(), b->end() - 2));
  if (!row) result->push_back((*a)[a->size() - 2]);
  if (!column) result->push_back(b->back());
  return result;
}

void matmul(ShapeCall& call) {
  call.set(0, call.dtype(0), product_shape(call, call.shape(0), call.shape(1)));
}

void fused_matmul(ShapeCall& call) {
  std::optional<Shape> a = call.shape(0);
  std::optional<Shape> b = call.shape(1);
  if (a && call.node.integer("transA", 0) != 0) a = exchanged(*a);
  if (b && call.node.integer("transB", 0) != 0) b = exchanged(*b);
  call.set(0, call.dtype(0), product_shape(call, a, b));
}

void matmul_integer(ShapeCall& call) {
  call.set(0, DType::k_int32, product_shape(call, call.shape(0), call.shape(1)));
}

void float_product(ShapeCall& call) {
  call.set(0, DType::k_float32, product_shape(call, call.shape(0), call.shape(1)));
}

void qlinear_matmul(ShapeCall& call) {
  call.set(0, call.dtype(7), product_shape(call, call.shape(0), call.shape(3)));
}

void gemm(ShapeCall& call) {
  const auto pick = [&](std::size_t index, const char* attribute, std::size_t plain) {
    if (!call.shape(index) || call.input(index).rank() != 2) return Dim{};
    const bool turned = call.node.integer(attribute, 0) != 0;
    return (*call.shape(index))[turned ? 1 - plain : plain];
  };
  call.set(0, call.dtype(0), Shape{pick(0, "transA", 0), pick(1, "transB", 1)});
}

void quantize(ShapeCall& call) {
  const std::int64_t asked = call.node.integer("output_dtype", 0);
  std::optional<DType> dtype = DType::k_uint8;
  if (call.given(2)) dtype = call.dtype(2);
  if (asked != 0) dtype = dtype_of_onnx(asked);
  call.set(0, dtype, call.shape(0));
}

void dequantize(ShapeCall& call) {
  call.set(0, call.dtype(1), call.shape(0));
}

void dynamic_quantize(ShapeCall& call) {
  call.set(0, DType::k_uint8, call.shape(0));
  call.set(1, DType::k_float32, Shape{});
  call.set(2, DType::k_uint8, Shape{});
}

// Unary operators on a quantised tensor.
void qlinear_like_first(ShapeCall& call) {
  call.set(0, call.dtype(0), call.shape(0));
}

// Operands with scale and zero point each.
void qlinear_binary(ShapeCall& call) {
  call.set(0, call.dtype(0), broadcast_shapes(call, call.shape(0), call.shape(3)));
}

// A [..., K] times K x N.
void block_product(ShapeCall& call) {
  Shape shape;
  if (const auto& left = call.shape(0); left && !left->empty()) {
    shape.assign(left->begin(), left->end() - 1);
    shape.push_back({call.node.integer("N", -1), {}});
    call.set(0, call.dtype(0), shape);
  } else {
    call.set(0, call.dtype(0), std::nullopt);
  }
}

void qgemm(ShapeCall& call) {
  Shape shape(2);
  const bool turned = call.node.integer("transB", 0) != 0;
  if (call.shape(0) && call.input(0).rank() == 2)
    shape[0] = (*call.shape(0))[call.node.integer("transA", 0) != 0 ? 1 : 0];
  if (call.shape(3) && call.input(3).rank() == 2) shape[1] = (*call.shape(3))[turned ? 0 : 1];
  call.set(0, call.given(7) ? call.dtype(0) : std::optional(DType::k_float32), shape);
}

}  // namespace

void add_matrix_rules(ShapeRules& rules) {
  const std::string microsoft(k_microsoft_domain);
  rules[{"MatMul", ""}] = matmul;
  rules[{"Gemm", ""}] = gemm;
  rules[{"MatMulInteger", ""}] = matmul_integer;
  rules[{"QLinearMatMul", ""}] = qlinear_matmul;
  rules[{"DynamicQuantizeLinear", ""}] = dynamic_quantize;
  rules[{"FusedMatMul", microsoft}] = fused_matmul;
  rules[{"FusedGemm", microsoft}] = gemm;
  rules[{"MatMulIntegerToFloat", microsoft}] = float_product;
  rules[{"DynamicQuantizeMatMul", microsoft}] = float_product;
  for (const char* name : {"QLinearSigmoid", "QLinearLeakyRelu", "QLinearSoftmax"}) {
    rules[{name, microsoft}] = qlinear_like_first;
  }
  rules[{"QLinearAdd", microsoft}] = qlinear_binary;
  rules[{"QLinearMul", microsoft}] = qlinear_binary;
  rules[{"QGemm", microsoft}] = qgemm;
  rules[{"MatMulNBits", microsoft}] = block_product;
  for (const std::string& domain : {std::string(), microsoft}) {
    rules[{"QuantizeLinear", domain}] = quantize;
    rules[{"DequantizeLinear", domain}] = dequantize;
  }
}

}  // namespace hasten::graph

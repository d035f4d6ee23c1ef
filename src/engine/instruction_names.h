// Names of activations and precisions in profiles and descriptions.
#pragma once

#include <string_view>

#include "engine/program.h"

namespace hasten::engine {

constexpr std::string_view activation_name(Activation activation) {
  switch (activation) {
    case Activation::k_none:
      return "none";
    case Activation::k_gelu_erf:
      return "gelu_erf";
    case Activation::k_gelu_tanh:
      return "gelu_tanh";
    case Activation::k_relu:
      return "relu";
    case Activation::k_silu:
      return "silu";
    case Activation::k_tanh:
      return "tanh";
    case Activation::k_sigmoid:
      return "sigmoid";
    case Activation::k_gelu_10:
      return "gelu_10";
    case Activation::k_quick_gelu:
      return "quick_gelu";
    case Activation::k_relu_squared:
      return "relu_squared";
    case Activation::k_relu6:
      return "relu6";
    case Activation::k_leaky_relu:
      return "leaky_relu";
    case Activation::k_mish:
      return "mish";
    case Activation::k_laplace:
      return "laplace";
  }
  return "";
}

constexpr std::string_view precision_name(Precision precision) {
  switch (precision) {
    case Precision::k_float32:
      return "fp32";
    case Precision::k_bfloat16:
      return "bf16";
    case Precision::k_float16:
      return "fp16";
    case Precision::k_int8:
      return "int8";
    case Precision::k_int8_plain:
      return "int8-plain";
    case Precision::k_float8:
      return "fp8";
  }
  return "";
}

}  // namespace hasten::engine

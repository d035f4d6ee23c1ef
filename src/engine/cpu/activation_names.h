// Names of activations in profiles.
#pragma once

#include <string_view>

#include "engine/program.h"

namespace hasten::engine::cpu {

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
  }
  return "";
}

}  // namespace hasten::engine::cpu

// Activations on the device, by CUDA's own erf, exp and tanh (each within 2 ulp).
#pragma once

#include <cuda_runtime.h>

#include "engine/program.h"

namespace hasten::engine::cuda {

__device__ inline float gelu_erf(float x) {
  return 0.5F * x * (1.0F + erff(x * 0.70710678F));
}

// log(1 + e^x), which is x where e^x would overflow.
__device__ inline float softplus(float x) {
  return fmaxf(x, 0.0F) + log1pf(expf(-fabsf(x)));
}

// Each formula is stated at engine::Activation.
__device__ inline float activated(Activation activation, float x) {
  switch (activation) {
    case Activation::k_none:
      return x;
    case Activation::k_gelu_erf:
      return gelu_erf(x);
    case Activation::k_gelu_tanh:
      return 0.5F * x * (1.0F + tanhf(0.79788456F * (x + 0.044715F * x * x * x)));
    case Activation::k_relu:
      return fmaxf(x, 0.0F);
    case Activation::k_silu:
      return x / (1.0F + expf(-x));
    case Activation::k_tanh:
      return tanhf(x);
    case Activation::k_sigmoid:
      return 1.0F / (1.0F + expf(-x));
    case Activation::k_gelu_10:
      return fminf(fmaxf(gelu_erf(x), -10.0F), 10.0F);
    case Activation::k_quick_gelu:
      return x / (1.0F + expf(-1.702F * x));
    case Activation::k_relu_squared:
      return fmaxf(x, 0.0F) * fmaxf(x, 0.0F);
    case Activation::k_relu6:
      return fminf(fmaxf(x, 0.0F), 6.0F);
    case Activation::k_leaky_relu:
      return x < 0.0F ? 0.01F * x : x;
    case Activation::k_mish:
      return x * tanhf(softplus(x));
    case Activation::k_laplace:
      return 0.5F * erfcf((0.707107F - x) * 2.5066272F);
  }
  return x;
}

}  // namespace hasten::engine::cuda

// What differs between compilers in the kernel files.
//
// The wide code of a kernel file sits between HASTEN_TARGET_BEGIN and HASTEN_TARGET_END, after
// every include of a standard header, so that no standard inline function or template is compiled
// with wide instructions and then chosen by the linker for the whole program.
#pragma once

#define HASTEN_PRAGMA(text) _Pragma(#text)
#define HASTEN_INLINE inline __attribute__((always_inline))

#if defined(__clang__)
// Everything declared up to the end gets the attribute. FEATURES is a string: "avx2,fma".
#define HASTEN_TARGET_BEGIN(FEATURES) \
  HASTEN_PRAGMA(clang attribute push(__attribute__((target(FEATURES))), apply_to = function))
#define HASTEN_TARGET_END HASTEN_PRAGMA(clang attribute pop)
#define HASTEN_UNROLL HASTEN_PRAGMA(clang loop unroll(full))
#else
#define HASTEN_TARGET_BEGIN(FEATURES) \
  HASTEN_PRAGMA(GCC push_options)     \
  HASTEN_PRAGMA(GCC target(FEATURES))
#define HASTEN_TARGET_END HASTEN_PRAGMA(GCC pop_options)
#define HASTEN_UNROLL HASTEN_PRAGMA(GCC unroll 64)
#endif

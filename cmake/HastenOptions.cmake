# What every target is compiled with: hasten_options.
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2")
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# The family of the processor: files that end in _x86.cpp or _arm.cpp are of one only.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
  set(HASTEN_OTHER_PROCESSORS arm)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
  set(HASTEN_OTHER_PROCESSORS x86)
else()
  message(FATAL_ERROR "Hasten has no kernels for ${CMAKE_SYSTEM_PROCESSOR}: x86-64 and 64-bit Arm are known")
endif()

find_program(HASTEN_CCACHE ccache)
if(HASTEN_CCACHE)
  # Paths relative to the project: a second checkout finds what the first one compiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${HASTEN_CCACHE})
endif()

add_library(hasten_options INTERFACE)
target_compile_features(hasten_options INTERFACE cxx_std_20)
target_include_directories(hasten_options INTERFACE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
# Contraction would make the sums differ between compilers: GCC contracts even intrinsics.
# nvcc, which compiles the plug-in's kernels, has options of its own.
target_compile_options(hasten_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:
  -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Werror -ffp-contract=off -fvisibility=hidden>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # False alarms of GCC 12 in inlined standard library code.
  target_compile_options(hasten_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:
    -Wno-restrict -Wno-maybe-uninitialized -Wno-stringop-overflow -Wno-array-bounds -Wno-stringop-overread>)
endif()
find_program(HASTEN_LLD NAMES ld.lld ld.lld-14)
if(HASTEN_LLD)
  target_link_options(hasten_options INTERFACE -fuse-ld=lld)
endif()
target_link_options(hasten_options INTERFACE -Wl,--gc-sections)
if(HASTEN_SANITIZE)
  target_compile_options(hasten_options INTERFACE -fsanitize=${HASTEN_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(hasten_options INTERFACE -fsanitize=${HASTEN_SANITIZE})
endif()

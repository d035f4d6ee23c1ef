# hasten_folder(NAME [LINKS target...] [TEST_LINKS target...] [EXCLUDE regex])
#
# Makes the static library hasten_NAME of every .cpp of the current folder and, beside it, the test
# program hasten_NAME_test of every *_test.cpp. LINKS are the only folders that it may use: they are
# private, so that using a folder that is not named here fails to link; tests/architecture checks the
# includes.
function(hasten_folder name)
  cmake_parse_arguments(folder "" "EXCLUDE" "LINKS;TEST_LINKS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "_${HASTEN_OTHER_PROCESSORS}\\.cpp$")
  if(folder_EXCLUDE)
    list(FILTER sources EXCLUDE REGEX "${folder_EXCLUDE}")
  endif()
  if(sources)
    add_library(hasten_${name} STATIC ${sources})
    target_link_libraries(hasten_${name} PUBLIC hasten_options PRIVATE ${folder_LINKS})
  else()
    add_library(hasten_${name} INTERFACE)
  endif()
  if(HASTEN_TESTS AND tests)
    add_executable(hasten_${name}_test ${tests})
    target_link_libraries(hasten_${name}_test
      PRIVATE hasten_${name} ${folder_LINKS} ${folder_TEST_LINKS} GTest::gmock_main)
    target_compile_definitions(hasten_${name}_test PRIVATE
      HASTEN_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
      HASTEN_SHARED_DIR="${PROJECT_SOURCE_DIR}/../shared")
    add_test(NAME ${name} COMMAND hasten_${name}_test)
  endif()
endfunction()

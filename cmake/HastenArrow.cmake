# hasten_arrow: Arrow and Parquet C++ out of the pyarrow wheel in .venv (see docs/dependencies.md).
# For another processor than this machine's, HASTEN_PYARROW names the wheel's folder.
if(NOT HASTEN_PYARROW)
  file(GLOB HASTEN_PYARROW ${PROJECT_SOURCE_DIR}/.venv/lib/python3*/site-packages/pyarrow)
endif()
if(NOT EXISTS "${HASTEN_PYARROW}/include/arrow/api.h")
  message(FATAL_ERROR "Arrow is missing: run 'make setup', which puts the pinned pyarrow wheel into .venv")
endif()
file(GLOB HASTEN_ARROW_LIBRARY ${HASTEN_PYARROW}/libarrow.so.*)
file(GLOB HASTEN_PARQUET_LIBRARY ${HASTEN_PYARROW}/libparquet.so.*)
add_library(hasten_arrow INTERFACE)
target_include_directories(hasten_arrow SYSTEM INTERFACE ${HASTEN_PYARROW}/include)
target_link_libraries(hasten_arrow INTERFACE ${HASTEN_PARQUET_LIBRARY} ${HASTEN_ARROW_LIBRARY})
target_link_options(hasten_arrow INTERFACE -Wl,-rpath,${HASTEN_PYARROW})

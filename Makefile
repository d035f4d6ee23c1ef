# Every target sets up what it needs by itself; running one again does no work twice.
.PHONY: help setup build demo test test-asan test-tsan bench bench-kernels lint format clean

SHELL := /bin/sh
BUILD := build/release

help:  ## This list
	@grep -hE '^[a-z0-9-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 22

setup:
	@cmake/install_dependencies.sh

build: setup  ## The release binary: build/release/hasten
	@cmake/build.sh release hasten

demo: build  ## Convert, optimise, classify and label with the bundled model, on one screen
	@examples/demo.sh $(BUILD)/hasten

test: setup  ## All tests; the closing line counts them
	@cmake/build.sh release all
	@.venv/bin/python tests/run_all.py $(BUILD)

test-asan: setup  ## Unit tests under the address and undefined-behaviour sanitizers
	@cmake/build.sh asan all
	@.venv/bin/python tests/run_all.py build/asan

test-tsan: setup  ## Unit tests under the thread sanitizer
	@cmake/build.sh tsan all
	@.venv/bin/python tests/run_all.py build/tsan

bench: build  ## Speed against ONNX Runtime on the same texts, into docs/numbers.md
	@.venv/bin/python bench/whole_job/run.py --hasten $(BUILD)/hasten

lint: setup  ## clang-format and clang-tidy; warnings are errors
	@cmake/lint.sh

format: setup  ## Format every source file
	@cmake/lint.sh --fix

clean:  ## Remove every build
	rm -rf build

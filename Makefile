# Every target sets up what it needs by itself; running one again does no work twice.
.PHONY: $(shell grep -oE '^[a-z0-9-]+:' Makefile | tr -d :)

SHELL := /bin/sh
BUILD := build/release

help:  ## This list
	@grep -hE '^[a-z0-9-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 22

setup:
	@cmake/install_dependencies.sh

build: setup  ## The release binary: build/release/hasten
	@cmake/build.sh release hasten

build-cuda: setup  ## The plug-in for GPUs and the program beside it: build/cuda (needs nvcc)
	@cmake/build.sh cuda hasten hasten_cuda_plugin

demo: build  ## Convert, optimise, classify and label with the bundled model, on one screen
	@examples/demo.sh $(BUILD)/hasten

test: setup  ## All tests; the closing line counts them
	@cmake/build.sh release all
	@.venv/bin/python tests/run_all.py $(BUILD)

test-asan: setup  ## Unit tests under the address and undefined-behaviour sanitizers
	@cmake/build.sh asan all
	@HASTEN_TEST_SANITIZED=1 .venv/bin/python tests/run_all.py build/asan

test-arm64: setup  ## The kernels, the engine and the golden scores as 64-bit Arm computes them, under qemu
	@cmake/install_arm64.sh
	@cmake/build.sh arm64 hasten hasten_base_test hasten_isa_test hasten_cpu_test
	@HASTEN_TEST_EMULATOR="qemu-aarch64-static -cpu max" .venv/bin/python tests/run_all.py build/arm64 -k "test_goldens or test_every_processor"

test-forged-asan: setup  ## The whole program under the sanitizers on every forged and cut file, into docs/numbers.md
	@cmake/build.sh asan hasten
	@.venv/bin/python tests/forged/run_sanitized.py build/asan/hasten

test-tsan: setup  ## Unit tests under the thread sanitizer
	@cmake/build.sh tsan all
	@.venv/bin/python tests/run_all.py build/tsan

test-tokenizers-differential: setup .venv-bench/bin/python  ## Ids against the Python packages, 10 million texts
	@cmake/build.sh release hasten_tokenizer_encode
	@.venv-bench/bin/python tests/tokenizers_differential/run.py --count $(or $(COUNT),10000000) $(if $(COUNT),,--write-numbers) \
	  --encoder $(BUILD)/src/tokenizer/hasten_tokenizer_encode --shared ../shared

test-faults: setup  ## `hasten label` killed, stopped, doubled and on failing disks, hundreds of times each, into docs/numbers.md
	@cmake/build.sh release hasten
	@.venv/bin/python tests/faults/run.py $(BUILD)/hasten disk

test-checkpoints-differential: build .venv-bench/bin/python  ## Random checkpoints of every architecture against transformers (COUNT)
	@.venv-bench/bin/python -W ignore tests/checkpoints_differential/run.py --count $(or $(COUNT),1000) --hasten $(BUILD)/hasten

.venv-s3/bin/python: tests/s3/requirements.txt
	@echo "Installing a local S3 server into .venv-s3" >&2
	@/usr/bin/python3 -m venv .venv-s3
	@.venv-s3/bin/pip install -q --disable-pip-version-check -r tests/s3/requirements.txt
	@touch $@

test-s3: setup .venv-s3/bin/python  ## `hasten label` from and into object stores, and under faults, against a local S3 server, into docs/numbers.md
	@cmake/build.sh release hasten
	@.venv/bin/python tests/faults/run.py $(BUILD)/hasten store

test-slurm: setup  ## `hasten label` as an array of a real Slurm of one node, which it installs and starts
	@cmake/build.sh release hasten
	@tests/slurm/install.sh
	@HASTEN_TEST_SLURM=1 HASTEN=$(CURDIR)/$(BUILD)/hasten .venv/bin/python -m pytest -q -p no:cacheprovider tests/end_to_end/test_label_slurm.py

test-tokenizers-random: setup .venv-bench/bin/python  ## Random tokenizer.json files against the package (TOKENIZERS=3000)
	@cmake/build.sh release hasten_tokenizer_encode
	@.venv-bench/bin/python tests/tokenizers_differential/run_random.py --tokenizers $(or $(TOKENIZERS),3000) \
	  --encoder $(BUILD)/src/tokenizer/hasten_tokenizer_encode

test-tokenizers-settings: setup .venv-bench/bin/python  ## Random tokenizer settings against transformers' AutoTokenizer (FOLDERS=1000 SEED=1)
	@cmake/build.sh release hasten_tokenizer_encode hasten
	@.venv-bench/bin/python tests/tokenizers_differential/run_settings.py --folders $(or $(FOLDERS),1000) --seed $(or $(SEED),1) \
	  --encoder $(BUILD)/src/tokenizer/hasten_tokenizer_encode --hasten $(BUILD)/hasten

test-tokenizers-mutations: setup .venv-bench/bin/python  ## Whether the differential texts catch a mistake in each rule
	@.venv-bench/bin/python tests/tokenizers_differential/mutations.py

soak: build  ## `hasten label` on ten million rows (ROWS): memory, exactness, cost per million, into docs/numbers.md
	@.venv/bin/python bench/label/soak.py --hasten $(BUILD)/hasten --rows $(or $(ROWS),10000000)

bench-label: build  ## `hasten label` beside the engine alone, five models, duplicates, into docs/numbers.md
	@.venv/bin/python bench/label/run.py --hasten $(BUILD)/hasten

test-browser: setup  ## The HTML reports in headless Chromium, which it installs
	@command -v chromium >/dev/null || { sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; $$sudo apt-get update -qq; \
	  DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq --no-install-recommends chromium >/dev/null; }
	@cmake/build.sh release hasten
	@HASTEN=$(CURDIR)/$(BUILD)/hasten .venv/bin/python -m pytest -q -p no:cacheprovider tests/browser

fuzz: setup  ## Every reader of untrusted bytes, FUZZ_SECONDS (600) of a processor each, into docs/numbers.md
	@.venv/bin/python fuzz/run.py --record --seconds $(or $(FUZZ_SECONDS),600)

# The rivals and the pinned packages that ours is compared with.
.venv-bench/bin/python: bench/requirements.txt
	@echo "Installing the rivals into .venv-bench" >&2
	@/usr/bin/python3 -m venv .venv-bench
	@.venv-bench/bin/pip install -q --disable-pip-version-check -r bench/requirements.txt
	@touch $@

bench-tokenizers: setup .venv-bench/bin/python  ## Tokenizing speed against the Python package's Rust core
	@cmake/build.sh release hasten_tokenizer_speed
	@.venv-bench/bin/python bench/tokenizers/run.py --program $(BUILD)/bench/tokenizers/hasten_tokenizer_speed --shared ../shared

bench-tokenizers-lengths: setup .venv-bench/bin/python  ## Tokenizing time against a text's length, 1 kB to 10 MB
	@cmake/build.sh release hasten_tokenizer_speed
	@.venv-bench/bin/python bench/tokenizers/run.py --lengths --program $(BUILD)/bench/tokenizers/hasten_tokenizer_speed \
	  --shared ../shared

bench-conversion: build  ## How long converting takes and how much memory, into docs/numbers.md
	@.venv/bin/python bench/conversion/run.py --hasten $(BUILD)/hasten

bench-optimize: build .venv-bench/bin/python  ## Optimised files beside ONNX Runtime's own, timed in ONNX Runtime, into docs/numbers.md
	@.venv/bin/python bench/optimize/fused.py --hasten $(BUILD)/hasten
	@.venv/bin/python bench/optimize/quantisation.py --hasten $(BUILD)/hasten
	@.venv-bench/bin/python bench/optimize/ties.py --hasten $(BUILD)/hasten
	@.venv-bench/bin/python bench/optimize/run.py --hasten $(BUILD)/hasten

test-speed: setup  ## Matrix products and the whole engine against the peak of the same run; on a quiet machine
	@cmake/build.sh release hasten hasten_isa_test
	@HASTEN_TEST_SPEED=1 $(BUILD)/src/engine/cpu/isa/hasten_isa_test --gtest_filter='GemmSpeed.*'
	@.venv/bin/python bench/whole_job/check_speed.py --hasten $(BUILD)/hasten

bench-growth: build  ## Speed and memory against the number and length of texts and the threads, into docs/numbers.md
	@.venv/bin/python bench/growth/run.py --hasten $(BUILD)/hasten

bench-generic: build .venv-bench/bin/python  ## Models on the generic engine beside ONNX Runtime, into docs/numbers.md
	@.venv-bench/bin/python bench/whole_job/run_families.py --hasten $(BUILD)/hasten --generic --count 64 --write-numbers

bench: build .venv-bench/bin/python  ## Speed and latency against every rival on the same texts, into docs/numbers.md
	@.venv/bin/python bench/whole_job/run.py --hasten $(BUILD)/hasten

.venv-fidelity/bin/python: bench/fidelity/requirements.txt
	@echo "Installing the rivals of the int8 comparison into .venv-fidelity (5 GB)" >&2
	@/usr/bin/python3 -m venv .venv-fidelity
	@.venv-fidelity/bin/pip install -q --disable-pip-version-check -r bench/fidelity/requirements.txt
	@touch $@

bench-fidelity: build .venv-fidelity/bin/python  ## What the rivals' int8 does to the order of the top texts
	@.venv-fidelity/bin/python bench/fidelity/run.py --hasten $(BUILD)/hasten ../shared/models/minilm-offensive \
	  ../shared/data/tweeteval/emoji/test_text.txt.gz

lint: setup  ## clang-format and clang-tidy; warnings are errors
	@cmake/lint.sh

format: setup  ## Format every source file
	@cmake/lint.sh --fix

clean:  ## Remove every build
	rm -rf build

"""`--device cuda` where there is no GPU: the plug-in's own build, its absence, and the whole command on the emulated machine
(src/engine/cuda/emulation), which stands in for drivers and cards of every kind."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import ROOT, SENTIMENT, write_json_lines
from label_jobs import INCOMPLETE, UNSUPPORTED, parquet, write_table
from test_convert_options import rewrite_weights

BOUNDS = {"fp32": 1e-4, "bf16": 2e-2, "fp16": 2e-2}  # of a logit, against the CPU's fp32
AUTO_CHOSE_THE_CPU = "--device auto chose the CPU"


@pytest.fixture
def emulated(hasten):
    """Runs the command with the emulated machine for its plug-in."""
    folder = Path(hasten.program).parent / "emulated"
    if not (folder / "libhasten_cuda.so").exists():
        pytest.skip("the emulated plug-in was not built")

    def run(*arguments, machine=""):
        return hasten(*arguments, environment={"LD_LIBRARY_PATH": str(folder), "HASTEN_EMULATED_GPU": machine})

    return run


@pytest.fixture(scope="module")
def few(sentiment, tmp_path_factory):
    """A few golden texts: the emulated machine is slow."""
    return write_json_lines(tmp_path_factory.mktemp("few") / "texts.jsonl", sentiment.goldens[:6])


def logits_of(done):
    assert done.returncode == 0, done.stderr
    return [json.loads(line)["logits"] for line in done.stdout.splitlines()]


def test_without_the_plug_in_cuda_fails_and_auto_says_that_it_chose_the_cpu(hasten, sentiment, few):
    if (Path(hasten.program).parent / "libhasten_cuda.so").exists():
        pytest.skip("the plug-in lies beside the program")
    assert "the plug-in for GPUs is not installed" in hasten.ok("inspect", "--devices")
    failed = hasten("predict", sentiment.folder, "hello", "--device", "cuda")
    assert failed.returncode == UNSUPPORTED
    assert "the plug-in for GPUs is not installed" in failed.stderr and "make build-cuda" in failed.stderr
    auto = hasten("predict", sentiment.folder, "hello", "--device", "auto")
    assert auto.stdout == hasten.ok("predict", sentiment.folder, "hello")
    assert AUTO_CHOSE_THE_CPU in auto.stderr and "not installed" in auto.stderr


def test_auto_says_what_it_chose_in_every_verb(hasten, emulated, sentiment, few, tmp_path):
    write_table(tmp_path / "in.parquet", ["hello"])
    machine = "driver=12020"
    bench = emulated("bench", sentiment.folder, "--input", few, "--device", "auto", machine=machine)
    assert AUTO_CHOSE_THE_CPU in bench.stdout and "CUDA up to 12.2" in bench.stdout
    verify = emulated("verify", f"{sentiment.folder}@bf16", "--input", few, "--device", "auto", "--budget", "argmax>=0.1",
                      machine=machine)
    assert AUTO_CHOSE_THE_CPU in verify.stdout, verify.stderr
    labelled = emulated("label", "--model", sentiment.folder, "--input", tmp_path / "in.parquet", "--output",
                        tmp_path / "out.parquet", "--device", "auto", machine=machine)
    assert AUTO_CHOSE_THE_CPU in labelled.stderr
    chosen = emulated("predict", sentiment.folder, "hello", "--device", "auto")
    assert "--device auto chose the GPU." in chosen.stderr


@pytest.mark.parametrize("machine, words", [
    ("driver=0", ["there is no NVIDIA driver on this machine"]),
    ("driver=12020", ["takes CUDA up to 12.2", "this build needs 13.0"]),
    ("cards=0", ["no GPU that the driver shows", "CUDA_VISIBLE_DEVICES"]),
    ("compute=61", ["compute capability 6.1", "the kernels need 7.5"]),
    ("free_mib=100", ["only 100 of its 16384 MiB of memory are free"]),
])
def test_says_why_a_gpu_cannot_be_used(emulated, sentiment, machine, words):
    listed = emulated("inspect", "--devices", machine=machine)
    failed = emulated("predict", sentiment.folder, "hello", "--device", "cuda", machine=machine)
    auto = emulated("predict", sentiment.folder, "hello", "--device", "auto", machine=machine)
    assert listed.returncode == 0 and failed.returncode == UNSUPPORTED and auto.returncode == 0
    assert AUTO_CHOSE_THE_CPU in auto.stderr
    for word in words:
        assert word in listed.stdout and word in failed.stderr and word in auto.stderr


def test_lists_every_card(emulated):
    listed = json.loads(emulated("inspect", "--devices", "--json", machine="cards=2").stdout)
    assert [device["number"] for device in listed["devices"]] == [0, 1]
    assert listed["cuda_of_this_build"] == listed["cuda_of_the_driver"] == "13.0"


@pytest.mark.parametrize("precision", BOUNDS)
def test_goldens_and_other_batches(emulated, sentiment, few, tmp_path, precision):
    flags = ("--json", "--device", "cuda:0,1", "--precision", precision, "--threads", 2)
    expected = [golden["logits"] for golden in sentiment.goldens[:6]]
    logits = logits_of(emulated("predict", sentiment.folder, "--input", few, *flags, machine="cards=2"))
    for one, other in zip(logits, expected, strict=True):
        assert one == pytest.approx(other, abs=BOUNDS[precision])
    reversed_texts = write_json_lines(tmp_path / "reversed.jsonl", sentiment.goldens[:6][::-1])
    again = logits_of(emulated("predict", sentiment.folder, "--input", reversed_texts, *flags, machine="cards=2"))
    assert again[::-1] == logits


def test_float8_is_close_and_refused_where_it_cannot_be(hasten, emulated, sentiment, few):
    logits = logits_of(emulated("predict", sentiment.folder, "--input", few, "--json", "--device", "cuda", "--precision",
                                "fp8"))
    for one, golden in zip(logits, sentiment.goldens[:6], strict=True):
        assert one == pytest.approx(golden["logits"], abs=0.5)
    described = emulated("bench", sentiment.folder, "--input", few, "--device", "cuda", "--precision", "fp8", "--repetitions",
                         "1").stdout
    assert "fp8, " in described and "products bf16" in described, described
    old = emulated("predict", sentiment.folder, "hello", "--device", "cuda", "--precision", "fp8", machine="compute=80")
    assert old.returncode == UNSUPPORTED and "fp8 needs 8.9" in old.stderr
    on_cpu = hasten("predict", sentiment.folder, "hello", "--precision", "fp8")
    assert on_cpu.returncode == UNSUPPORTED and "fp8 does not run on a CPU" in on_cpu.stderr


def test_verify_compares_with_the_cpu_in_fp32(emulated, sentiment, few):
    done = emulated("verify", f"{sentiment.folder}@bf16", "--input", few, "--device", "cuda", "--json", "--budget",
                    "argmax>=0.9")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["a"]["description"].startswith("cpu") and "fp32" in report["a"]["description"]
    assert report["b"]["description"].startswith("cuda:0") and "bf16" in report["b"]["description"]


def test_memory_that_runs_out_halves_the_batches_and_is_said_once(emulated, sentiment, few):
    flags = ("--json", "--device", "cuda", "--threads", 1)
    expected = emulated("predict", sentiment.folder, "--input", few, *flags)
    halved = emulated("predict", sentiment.folder, "--input", few, *flags, machine="pinned_bytes=1500")
    assert halved.returncode == 0, halved.stderr
    assert halved.stdout == expected.stdout
    assert halved.stderr.count("did not suffice") == 1
    too_little = emulated("predict", sentiment.folder, "--input", few, *flags, machine="pinned_bytes=10")
    assert too_little.returncode == 10 and "--device cpu" in too_little.stderr


def test_a_lost_device_leaves_a_job_that_goes_on(hasten, emulated, sentiment, tmp_path):
    source, output = tmp_path / "in", tmp_path / "out"
    texts = [golden["text"] for golden in sentiment.goldens[:6]]
    for part in range(3):
        write_table(source / f"part-{part}.parquet", texts[2 * part:2 * part + 2])
    flags = ("--device", "cuda", "--threads", 1, "--precision", "bf16", "--dedup", "none")

    def run(folder, machine):
        return emulated("label", "--model", sentiment.folder, "--input", source, "--output", folder, *flags,
                        machine=machine)

    lost = run(output, "lost_after=1")
    assert lost.returncode == INCOMPLETE, lost.stderr
    assert "the GPU stopped working" in lost.stderr and "ECC" in lost.stderr
    assert not (output / "_SUCCESS").exists()
    assert run(output, "").returncode == 0
    whole = run(tmp_path / "whole", "")
    assert whole.returncode == 0, whole.stderr
    for part in range(3):
        name = f"part-{part}.parquet"
        assert parquet.read_table(output / name).equals(parquet.read_table(tmp_path / "whole" / name))


def test_scores_that_are_not_finite_are_the_rows_problem(hasten, emulated, tmp_path):
    """A model whose numbers fit into float32 and not into float16."""
    folder = shutil.copytree(SENTIMENT, tmp_path / "model")
    rewrite_weights(folder / "model.safetensors",
                    lambda values: values + 1e5 if values.size == 512 else values, "F32")
    write_table(tmp_path / "in.parquet", ["hello"])
    flags = ("--model", folder, "--input", tmp_path / "in.parquet", "--device", "cuda", "--quiet")
    for precision, status in (("fp32", "ok"), ("fp16", "nonfinite")):
        output = tmp_path / f"{precision}.parquet"
        done = emulated("label", *flags, "--precision", precision, "--output", output)
        assert done.returncode == 0, done.stderr
        assert parquet.read_table(output)["status"].to_pylist() == [status]


def nvcc():
    return os.environ.get("CUDACXX") or shutil.which("nvcc") or shutil.which("nvcc", path="/usr/local/cuda/bin")


@pytest.mark.skipif(nvcc() is None, reason="no nvcc: the plug-in is not compiled here")
def test_the_plug_in_compiles_and_links_for_every_card():
    """And, where there is no GPU, says so."""
    built = subprocess.run([ROOT / "cmake" / "build.sh", "cuda", "hasten", "hasten_cuda_plugin"], text=True,
                           capture_output=True, env=dict(os.environ, CUDACXX=nvcc()))
    assert built.returncode == 0, built.stderr
    program = ROOT / "build" / "cuda" / "hasten"
    listed = json.loads(subprocess.run([program, "inspect", "--devices", "--json"], capture_output=True, check=True).stdout)
    assert listed["cuda_of_this_build"], listed
    if not listed["obstacle"]:
        pytest.skip("there is a GPU: bench/gpu_check.sh tests on it")
    failed = subprocess.run([program, "predict", SENTIMENT, "hello", "--device", "cuda"], capture_output=True, text=True)
    assert failed.returncode == UNSUPPORTED and listed["obstacle"] in failed.stderr

"""bench/gpu_check.sh's steps on the emulated machine, and its arithmetic."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy
import pytest

from conftest import ROOT

sys.path.insert(0, str(ROOT / "bench" / "gpu"))

from scores import largest_difference, lowest_spearman, ranks, spearman  # noqa: E402

STEPS = ["devices", "kernels", "goldens", "invariance", "speed", "label", "profile", "sanitizer"]


@pytest.fixture(scope="module")
def report(hasten, tmp_path_factory):
    """What run.py says of a tiny run: steps, figures, its output."""
    build = Path(hasten.program).parent
    if not (build / "emulated" / "libhasten_cuda.so").exists():
        pytest.skip("the emulated plug-in was not built")
    workspace = tmp_path_factory.mktemp("gpu_check") / "out"
    environment = dict(os.environ, LD_LIBRARY_PATH=str(build / "emulated"), GTEST_FILTER="DeviceBatch.*:QuantizeRows.*",
                       PATH="/usr/bin:/bin")
    tests = build / "src" / "engine" / "cuda" / "emulation" / "hasten_cuda_test"
    done = subprocess.run(
        [sys.executable, ROOT / "bench" / "gpu" / "run.py", "--hasten", hasten.program, "--tests", tests, "--tiny", "--rows",
         "50", "--texts", "30", "--goldens", "4", "--threads", "2", "--workspace", workspace, "--only", *STEPS],
        capture_output=True, text=True, env=environment)
    assert (workspace / "figures.json").exists(), done.stderr
    return json.loads((workspace / "figures.json").read_text()), (workspace / "figures.md").read_text(), done


def test_every_step_runs_and_its_figures_are_written(report):
    steps, page, done = report
    for name in ("devices", "kernels", "goldens", "invariance", "profile"):
        assert steps[name]["state"] == "passed", steps[name]
    assert steps["devices"]["figures"]["card"] == "Emulated"
    assert steps["kernels"]["figures"]["passed"] > 0
    figures = steps["goldens"]["figures"]["tweet-sentiment fp32"]
    assert figures["texts"] == 4 and figures["largest_difference"] < 1e-4
    assert "| speed, bf16, texts per second |" in page and "| label, rows | 50 |" in page
    assert steps["sanitizer"]["state"] in ("skipped", "passed", "FAILED")


def test_a_figure_out_of_its_bounds_fails_the_step_and_not_the_others(report):
    steps, _, done = report
    assert done.returncode == 1, "an emulated machine is slower than a card must be"
    assert steps["speed"]["state"] == "FAILED" and "of the rate of a matrix product" in steps["speed"]["why"]
    assert steps["label"]["state"] == "FAILED" and "100 million rows" in steps["label"]["why"]
    assert steps["label"]["figures"]["rows"] == 50
    assert "failed" in done.stdout.splitlines()[-1]


def test_without_a_gpu_it_stops_at_once_and_says_why(hasten, tmp_path):
    done = subprocess.run(
        [sys.executable, ROOT / "bench" / "gpu" / "run.py", "--hasten", hasten.program, "--tests", hasten.program,
         "--workspace", tmp_path / "out"], capture_output=True, text=True)
    if done.returncode == 0 or "devices     passed" in done.stdout:
        pytest.skip("there is a GPU here")
    assert "devices     FAILED" in done.stdout and "kernels" not in done.stdout


def test_ranks_share_the_mean_of_equal_values():
    assert ranks([3.0, 1.0, 3.0, 2.0]) == [3.5, 1.0, 3.5, 2.0]


def test_spearman_is_the_correlation_of_ranks():
    dice = numpy.random.default_rng(1)
    left = dice.integers(0, 20, 200).astype(float)
    right = left + dice.normal(0, 5, 200).round()
    expected = numpy.corrcoef(ranks(list(left)), ranks(list(right)))[0, 1]
    assert spearman(list(left), list(right)) == pytest.approx(expected, abs=1e-12)
    assert math.isnan(spearman([1.0, 1.0], [1.0, 2.0]))


def test_differences_and_orders_of_logits():
    expected = [[0.0, 1.0], [1.0, 0.5], [3.0, -1.0]]
    assert largest_difference(expected, [[0.0, 1.0], [1.0, 0.75], [3.0, -1.0]]) == 0.25
    assert largest_difference(expected, [[0.0, math.nan], [1.0, 0.5], [3.0, -1.0]]) == math.inf
    assert lowest_spearman(expected, expected) == 1
    assert lowest_spearman(expected, expected[::-1]) == -1

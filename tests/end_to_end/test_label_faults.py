"""`hasten label` under faults: whatever happens, nothing passes for done that is not, and going on gives the same bytes.

`make test` takes a sample of the moments; `make test-faults` takes all, and writes the counts into docs/numbers.md.
"""

import os
import random
import shutil
import signal
import subprocess
import time

import pytest

from conftest import ROOT
from label_jobs import FULL, INCOMPLETE, OUTPUT, bytes_of, finish, label, seconds_until_end, start, write_parts

KILLS = 200 if FULL else 8
TERMINATIONS = 50 if FULL else 5
PAIRS = 100 if FULL else 3
ZOMBIES = 20 if FULL else 1
FAULTS_OF_A_KIND = 10_000 if FULL else 3  # at most; there are fewer calls than that
CHECKPOINTS = ("--checkpoint-rows", "100")

KINDS = [(call, error, mode) for call, errors in
         {"write": ("ENOSPC", "EIO", "SHORT"), "fsync": ("ENOSPC", "EIO"), "link": ("ENOSPC", "EIO"),
          "open": ("ENOSPC", "EIO"), "mkdir": ("ENOSPC",), "remove": ("EIO",)}.items()
         for error in errors for mode in ("once", "persistent") if error != "SHORT" or mode == "persistent"]


class Job:
    """Inputs, the model, and what an undisturbed run makes of them."""

    def __init__(self, hasten, model, workspace, parts, rows):
        self.hasten, self.model, self.source, self.whole = hasten, model, workspace / "in", workspace / "whole"
        write_parts(self.source, parts, rows)
        began = time.time()
        done = self.run(self.whole)
        self.seconds = time.time() - began
        assert done.returncode == 0, done.stderr
        self.bytes = bytes_of(self.whole)

    def run(self, out, environment=None):
        return label(self.hasten, self.model, self.source, out, *CHECKPOINTS, environment=environment)

    def start(self, out):
        return start(self.hasten, self.model, self.source, out, *CHECKPOINTS)

    def check_nothing_false(self, out):
        """What an interrupted run left says no more than what is there."""
        files = bytes_of(out) if out.exists() else {}
        for name, content in files.items():
            if "_hasten/checkpoints" not in name:
                assert content == self.bytes[name], f"{name} is there, and not whole"
        records = [name for name in files if name.startswith("_hasten/parts/")]
        for name in records:
            part = name.removeprefix("_hasten/parts/").removesuffix(".json")
            assert part in files, f"{name} is recorded without its part"
        if "_SUCCESS" in files:
            assert self.bytes.keys() <= files.keys()

    def check_going_on(self, out):
        done = self.run(out)
        assert done.returncode == 0, done.stderr
        assert bytes_of(out) == self.bytes
        assert not [path for path in out.rglob(".*")], "a temporary file is left"


@pytest.fixture(scope="module")
def job(hasten, sentiment, tmp_path_factory):
    return Job(hasten, sentiment.converted, tmp_path_factory.mktemp("job"), 7, 300)


@pytest.fixture(scope="module")
def small_job(hasten, sentiment, tmp_path_factory):
    return Job(hasten, sentiment.converted, tmp_path_factory.mktemp("small"), 2, 210)


@pytest.fixture
def count(record_property, request):
    """Keeps a count for docs/numbers.md, in the report of this run."""
    return lambda what, number: record_property(what, number)


def test_killed_at_any_moment_and_resumed_it_is_the_same(job, tmp_path, count):
    dice = random.Random(9)
    killed = resumed_from_something = 0
    while killed < KILLS:
        out = tmp_path / f"out{killed}"
        process = job.start(out)
        time.sleep(dice.uniform(0, 1.2 * job.seconds))
        process.kill()
        code, _ = finish(process)
        if code != -signal.SIGKILL:
            assert code == 0 and bytes_of(out) == job.bytes
        else:
            killed += 1
            resumed_from_something += out.exists() and bool(bytes_of(out))
            job.check_nothing_false(out)
            job.check_going_on(out)
        shutil.rmtree(out, ignore_errors=True)
    assert resumed_from_something > 0
    count("kill -9 at a random moment, then resumed: the same bytes", killed)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1, signal.SIGINT], ids=lambda number: number.name)
def test_a_signal_ends_it_in_order_within_ten_seconds(job, tmp_path, count, number):
    dice = random.Random(int(number))
    slowest = in_order = 0
    for attempt in range(TERMINATIONS):
        out = tmp_path / f"out{attempt}"
        process = job.start(out)
        time.sleep(dice.uniform(0.05, 1.0) * job.seconds)
        process.send_signal(number)
        slowest = max(slowest, seconds_until_end(process, 10))
        code, errors = finish(process)
        assert code in (0, INCOMPLETE, -number), errors  # the last while the program is still being loaded
        in_order += code == INCOMPLETE
        job.check_nothing_false(out)
        job.check_going_on(out)
        shutil.rmtree(out)
    assert in_order > 0
    count(f"{number.name} at a random moment: exit within 10 s, resumed to the same bytes", TERMINATIONS)
    count(f"{number.name}: slowest exit, seconds", round(slowest, 2))


def test_two_attempts_at_once_do_no_harm(job, tmp_path, count):
    dice = random.Random(2)
    for attempt in range(PAIRS):
        out = tmp_path / f"out{attempt}"
        first = job.start(out)
        time.sleep(dice.choice((0, dice.uniform(0, job.seconds))))
        second = job.start(out)
        for process in (first, second):
            code, errors = finish(process)
            assert code == 0, errors
        assert bytes_of(out) == job.bytes
        shutil.rmtree(out)
    count("two attempts at the same shard at once: each row once, the same bytes", PAIRS)


def test_a_zombie_that_wakes_up_does_no_harm(job, tmp_path, count):
    dice = random.Random(3)
    for attempt in range(ZOMBIES):
        out = tmp_path / f"out{attempt}"
        zombie = job.start(out)
        time.sleep(dice.uniform(0.1, 0.8) * job.seconds)
        zombie.send_signal(signal.SIGSTOP)
        assert job.run(out).returncode == 0
        zombie.send_signal(signal.SIGCONT)
        code, errors = finish(zombie)
        assert code == 0, errors
        assert bytes_of(out) == job.bytes
        shutil.rmtree(out)
    count("an attempt that was stopped, and goes on when another has done its work", ZOMBIES)


@pytest.fixture(scope="session")
def fault_library(tmp_path_factory):
    library = tmp_path_factory.mktemp("faults") / "faults.so"
    subprocess.run(["g++", "-std=c++20", "-O1", "-shared", "-fPIC", ROOT / "tests" / "faults" / "fault_library.cpp",
                    "-o", library, "-ldl"], check=True)
    return library


@pytest.fixture(scope="module")
def calls(small_job, fault_library, tmp_path_factory):
    """How many calls of each kind an undisturbed run makes."""
    folder = tmp_path_factory.mktemp("calls")
    counts = folder / "counts"
    done = small_job.run(folder / "out", {"LD_PRELOAD": str(fault_library), "HASTEN_FAULT_COUNTS": str(counts),
                                          "HASTEN_FAULT_FOLDER": str(folder / "out")})
    assert done.returncode == 0, done.stderr
    assert bytes_of(folder / "out") == small_job.bytes
    return {name: int(number) for name, number in (line.split() for line in counts.read_text().splitlines())}


@pytest.mark.parametrize("call, error, mode", KINDS)
def test_a_disk_that_fails_at_the_nth_call(small_job, fault_library, calls, tmp_path, count, call, error, mode):
    moments = list(range(1, calls[call] + 1))
    assert moments, f"a run makes no {call}"
    chosen = random.Random(f"{call} {error} {mode}").sample(moments, min(FAULTS_OF_A_KIND, len(moments)))
    failed = 0
    for moment in chosen:
        out = tmp_path / f"out{moment}"
        done = small_job.run(out, {"LD_PRELOAD": str(fault_library), "HASTEN_FAULT_FOLDER": str(out),
                                   "HASTEN_FAULT": f"{call}:{moment}:{error}:{mode}"})
        failed += done.returncode != 0
        if error == "SHORT":
            assert done.returncode == 0, done.stderr
        elif call in ("write", "fsync"):
            assert done.returncode == OUTPUT, f"{moment}: {done.returncode} {done.stderr}"
        if done.returncode == 0:
            assert bytes_of(out) == small_job.bytes, f"{moment} passes for done"
        else:
            assert done.returncode == OUTPUT and done.stderr.startswith("hasten: "), done.stderr
            small_job.check_nothing_false(out)
        small_job.check_going_on(out)
        shutil.rmtree(out)
    count(f"{error} at the Nth {call}, {mode}: tried", len(chosen))
    count(f"{error} at the Nth {call}, {mode}: nonzero exit, resumed to the same bytes", failed)


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")
def test_a_disk_that_is_full(small_job, tmp_path):
    """A real one, of a few pages."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24k", "tmpfs", disk], capture_output=True).returncode != 0:
        pytest.skip("mounting is not allowed here")
    try:
        done = small_job.run(disk / "out")
        assert done.returncode == OUTPUT and "No space left" in done.stderr
        small_job.check_nothing_false(disk / "out")
        subprocess.run(["mount", "-o", "remount,size=4m", disk], check=True)
        small_job.check_going_on(disk / "out")
    finally:
        subprocess.run(["umount", disk], check=True)

"""`hasten label` from and into an object store under faults, as test_label_faults.py has them for disks."""

import random
import signal
import time

import pytest

from label_jobs import FULL, INCOMPLETE, OUTPUT, bytes_of, finish, label, seconds_until_end
from label_stores import job, needs_server, store  # noqa: F401

pytestmark = needs_server

KILLS = 200 if FULL else 10
TERMINATIONS = 50 if FULL else 3
PAIRS = 50 if FULL else 3  # each takes seconds; test_label_faults.py has a hundred
FAULTS_OF_A_KIND = 10_000 if FULL else 8


def test_killed_at_any_moment_and_resumed_it_is_the_same(job, store, record_property):
    dice = random.Random(4)
    killed = 0
    while killed < KILLS:
        out = f"killed{killed}"
        process = job.start(out)
        time.sleep(dice.uniform(0.05, 1.1) * job.seconds)
        process.kill()
        code, _ = finish(process)
        if code != -signal.SIGKILL:
            assert code == 0 and store.bytes_of(out) == job.bytes
            store.files.delete_dir(f"bucket/{out}")
            continue
        killed += 1
        job.check_nothing_false(out)
        job.check_going_on(out)
        store.files.delete_dir(f"bucket/{out}")
    record_property("S3: kill -9 at a random moment, then resumed: the same bytes", killed)


def test_a_signal_ends_it_in_order_within_ten_seconds(job, store, record_property):
    dice = random.Random(15)
    slowest = in_order = 0
    for attempt in range(TERMINATIONS):
        out = f"stopped{attempt}"
        process = job.start(out)
        time.sleep(dice.uniform(0.05, 1.0) * job.seconds)
        process.terminate()
        slowest = max(slowest, seconds_until_end(process, 10))
        code, errors = finish(process)
        assert code in (0, INCOMPLETE, -signal.SIGTERM), errors  # the last while the program is still being loaded
        in_order += code == INCOMPLETE
        job.check_nothing_false(out)
        job.check_going_on(out)
        store.files.delete_dir(f"bucket/{out}")
    assert in_order > 0
    record_property("S3: SIGTERM at a random moment: exit within 10 s, resumed to the same bytes", TERMINATIONS)
    record_property("S3: SIGTERM: slowest exit, seconds", round(slowest, 2))


def test_two_attempts_at_once_do_no_harm(job, store, record_property):
    for attempt in range(PAIRS):
        processes = [job.start(f"twice{attempt}") for _ in range(2)]
        for process in processes:
            code, errors = finish(process)
            assert code == 0, errors
        assert store.bytes_of(f"twice{attempt}") == job.bytes
        store.files.delete_dir(f"bucket/twice{attempt}")
    record_property("S3: two attempts at the same shard at once: each row once, the same bytes", PAIRS)


@pytest.mark.parametrize("status, persistent", [(403, False), (403, True), (500, False)])
def test_a_store_that_fails_at_the_nth_write(job, store, record_property, status, persistent):
    store.fault(0)
    assert job.run("counted").returncode == 0
    moments = range(1, store.fault(0) + 1)
    chosen = random.Random(f"{status} {persistent}").sample(moments, min(FAULTS_OF_A_KIND, len(moments)))
    failed = 0
    for moment in chosen:
        out = f"fault{status}{persistent}{moment}"
        store.fault(moment, status, persistent)
        done = job.run(out)
        store.fault(0)
        failed += done.returncode != 0
        if done.returncode == 0:
            assert store.bytes_of(out) == job.bytes, f"{moment} passes for done"
        else:
            assert done.returncode == OUTPUT and out in done.stderr, f"{moment}: {done.returncode} {done.stderr}"
            job.check_nothing_false(out)
        job.check_going_on(out)
    assert (failed == 0) == (status == 500), "the client tries again after a 500, and not after a 403"
    store.files.delete_dir("bucket/counted")
    name = f"S3: {status} at the Nth write request{', and after it' if persistent else ''}"
    record_property(f"{name}: tried", len(chosen))
    record_property(f"{name}: nonzero exit, resumed to the same bytes", failed)


def test_a_part_of_many_uploads_is_seen_whole_or_not_at_all(hasten, job, store, tmp_path):
    (tmp_path / "in").mkdir()
    dice = random.Random(6)
    with open(tmp_path / "in" / "long.csv", "w", encoding="utf-8") as file:
        file.write("text,kept\n")
        for index in range(3000):
            file.write(f"text {index},{dice.randbytes(5000).hex()}\n")

    def run(out):
        return label(hasten, job.model, tmp_path / "in", out, "--keep-columns", "kept", environment=store.environment)

    store.fault(0)
    assert run("s3://bucket/long").returncode == 0
    writes = store.fault(0)
    for moment in range(2, writes + 1):
        out = f"long{moment}"
        store.fault(moment, 403)
        done = run(f"s3://bucket/{out}")
        store.fault(0)
        assert done.returncode == OUTPUT, f"{moment} of {writes}: {done.stderr}"
        part = store.bytes_of(out).get("long.parquet")
        assert part is None or part == store.read("bucket/long/long.parquet")
    assert run(tmp_path / "disk").returncode == 0
    assert store.bytes_of("long") == bytes_of(tmp_path / "disk")

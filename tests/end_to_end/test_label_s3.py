"""`hasten label` from and into an object store, against a local S3 server: run `make test-s3`."""

import os
import random
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

import pytest

from conftest import ROOT
from label_jobs import (FULL, INCOMPLETE, NOT_FOUND, OUTPUT, UNSUPPORTED, USAGE, bytes_of, finish, is_of_one_run, label,
                        parquet, start, write_parts)

SERVER_PYTHON = ROOT / ".venv-s3" / "bin" / "python"
pytestmark = pytest.mark.skipif(not SERVER_PYTHON.exists(), reason="make test-s3 installs the S3 server")

from pyarrow import fs  # noqa: E402

KILLS = 100 if FULL else 10
FAULTS_OF_A_KIND = 10_000 if FULL else 8
CHECKPOINTS = ("--checkpoint-rows", "100")


class Store:
    """A bucket of a server of its own."""

    def __init__(self, port):
        self.address = f"http://127.0.0.1:{port}"
        self.environment = {"AWS_ENDPOINT_URL": self.address, "AWS_ACCESS_KEY_ID": "key", "AWS_REGION": "us-east-1",
                            "AWS_SECRET_ACCESS_KEY": "secret", "AWS_EC2_METADATA_DISABLED": "true"}
        self.files = fs.S3FileSystem(endpoint_override=self.address, access_key="key", secret_key="secret",
                                     region="us-east-1", allow_bucket_creation=True)

    def put(self, path, query=""):
        request = urllib.request.Request(f"{self.address}/{path}{query}", method="PUT")
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read().decode()

    def fault(self, at, status=403, persistent=False):
        return int(self.put("_fault", f"?at={at}&status={status}&persistent={int(persistent)}"))

    def upload(self, folder, to):
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                with self.files.open_output_stream(f"bucket/{to}/{path.relative_to(folder).as_posix()}") as stream:
                    stream.write(path.read_bytes())

    def bytes_of(self, folder):
        """As label_jobs.bytes_of()."""
        found = self.files.get_file_info(fs.FileSelector(f"bucket/{folder}", recursive=True, allow_not_found=True))
        names = {info.path.removeprefix(f"bucket/{folder}/"): info.path for info in found if info.is_file}
        return {name: self.read(path) for name, path in names.items() if not is_of_one_run(name)}

    def read(self, path):
        with self.files.open_input_stream(path) as stream:
            return stream.read()


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = open(tmp_path_factory.mktemp("s3") / "server.log", "wb")
    server = subprocess.Popen([SERVER_PYTHON, ROOT / "tests" / "s3" / "server.py", str(port)], stdout=log, stderr=log)
    store = Store(port)
    try:
        for _ in range(600):
            try:
                store.put("bucket")
                break
            except urllib.error.URLError:
                assert server.poll() is None
                time.sleep(0.1)
        yield store
    finally:
        server.terminate()
        server.wait()
        log.close()


class Job:
    """Inputs in the store, and what an undisturbed run from disk to disk makes of them."""

    def __init__(self, hasten, model, store, workspace):
        self.hasten, self.model, self.store = hasten, model, store
        self.local = workspace / "in"
        write_parts(self.local, 4, 250)
        store.upload(self.local, "in")
        began = time.time()
        assert label(hasten, model, self.local, workspace / "whole", *CHECKPOINTS).returncode == 0
        self.seconds = time.time() - began
        self.whole = workspace / "whole"
        self.bytes = bytes_of(self.whole)

    def run(self, out, *more, environment=None):
        return label(self.hasten, self.model, "s3://bucket/in", f"s3://bucket/{out}", *CHECKPOINTS, *more,
                     environment=dict(self.store.environment, **(environment or {})))

    def start(self, out):
        return start(self.hasten, self.model, "s3://bucket/in", f"s3://bucket/{out}", *CHECKPOINTS,
                     environment=self.store.environment)

    def check_nothing_false(self, out):
        files = self.store.bytes_of(out)
        for name, content in files.items():
            if "_hasten/checkpoints" not in name:
                assert content == self.bytes[name], f"{name} is there, and not whole"
        assert "_SUCCESS" not in files or self.bytes.keys() <= files.keys()

    def check_going_on(self, out):
        done = self.run(out)
        assert done.returncode == 0, done.stderr
        assert self.store.bytes_of(out) == self.bytes


@pytest.fixture(scope="module")
def job(hasten, sentiment, store, tmp_path_factory):
    return Job(hasten, sentiment.converted, store, tmp_path_factory.mktemp("job"))


def test_a_store_holds_the_same_bytes_as_a_disk(job, store):
    done = job.run("same")
    assert done.returncode == 0, done.stderr
    assert store.bytes_of("same") == job.bytes


def test_from_a_store_to_a_disk_and_back(hasten, job, store, tmp_path):
    to_disk = label(hasten, job.model, "s3://bucket/in/part-*.parquet", tmp_path / "out", *CHECKPOINTS,
                    environment=store.environment)
    assert to_disk.returncode == 0, to_disk.stderr
    assert bytes_of(tmp_path / "out") == job.bytes
    from_disk = label(hasten, job.model, job.local, "s3://bucket/from_disk", *CHECKPOINTS, environment=store.environment)
    assert from_disk.returncode == 0, from_disk.stderr
    assert store.bytes_of("from_disk") == job.bytes
    first = sorted(job.local.iterdir())[0]
    one = label(hasten, job.model, f"s3://bucket/in/{first.name}", "s3://bucket/one.parquet",
                environment=store.environment)
    assert one.returncode == 0, one.stderr
    assert label(hasten, job.model, first, tmp_path / "one.parquet").returncode == 0
    assert store.read("bucket/one.parquet") == (tmp_path / "one.parquet").read_bytes()


def test_an_array_of_tasks_status_and_merge(hasten, job, store, tmp_path):
    def ask(*arguments):
        return hasten(*arguments, environment=store.environment)

    for task in random.Random(1).sample(range(7), 7):
        if task == 6:
            assert ask("status", "s3://bucket/array").returncode == INCOMPLETE
            assert ask("merge", "s3://bucket/array", tmp_path / "early.parquet").returncode == INCOMPLETE
        done = job.run("array", environment={"SLURM_ARRAY_TASK_ID": str(task), "SLURM_ARRAY_TASK_MIN": "0",
                                             "SLURM_ARRAY_TASK_MAX": "6", "SLURM_ARRAY_TASK_COUNT": "7"})
        assert done.returncode == 0, done.stderr
    assert store.bytes_of("array") == job.bytes
    assert ask("status", "s3://bucket/array", "--verify").returncode == 0
    for output in (tmp_path / "merged.parquet", "s3://bucket/merged.parquet"):
        assert ask("merge", "s3://bucket/array", output).returncode == 0
    hasten.ok("merge", job.whole, tmp_path / "local.parquet")
    merged = (tmp_path / "local.parquet").read_bytes()
    assert store.read("bucket/merged.parquet") == (tmp_path / "merged.parquet").read_bytes() == merged


@pytest.fixture(scope="module")
def many(hasten, sentiment, store, tmp_path_factory):
    """Sixty inputs in the store, and what one machine makes of them, merged."""
    workspace = tmp_path_factory.mktemp("many")
    write_parts(workspace / "in", 60, 40)
    store.upload(workspace / "in", "many")
    assert label(hasten, sentiment.converted, workspace / "in", workspace / "whole").returncode == 0
    hasten.ok("merge", workspace / "whole", workspace / "merged.parquet")
    return workspace


@pytest.mark.parametrize("tasks", [1, 7, 64])
def test_an_array_of_which_one_task_is_killed_and_run_again(hasten, sentiment, store, many, tmp_path, tasks):
    out = f"s3://bucket/many-of-{tasks}"

    def task(index):
        return start(hasten, sentiment.converted, "s3://bucket/many", out, "--checkpoint-rows", 20, environment=dict(
            store.environment, SLURM_ARRAY_TASK_ID=str(index), SLURM_ARRAY_TASK_MIN="0", SLURM_ARRAY_TASK_COUNT=str(tasks),
            SLURM_ARRAY_TASK_MAX=str(tasks - 1)))

    killed = task(tasks // 2)
    while not store.bytes_of(f"many-of-{tasks}"):
        assert killed.poll() is None
    killed.kill()
    finish(killed)
    for index in random.Random(tasks).sample(range(tasks), tasks):
        code, errors = finish(task(index))
        assert code == 0, errors
    assert store.bytes_of(f"many-of-{tasks}") == bytes_of(many / "whole")
    done = hasten("merge", out, tmp_path / "merged.parquet", environment=store.environment)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "merged.parquet").read_bytes() == (many / "merged.parquet").read_bytes()


def test_killed_at_any_moment_and_resumed_it_is_the_same(job, store, record_property):
    dice = random.Random(4)
    killed = 0
    while killed < KILLS:
        out = f"killed{killed}"
        process = job.start(out)
        time.sleep(dice.uniform(0.05, 3 * job.seconds))
        process.kill()
        code, _ = finish(process)
        if code != -signal.SIGKILL:
            assert code == 0 and store.bytes_of(out) == job.bytes
            store.files.delete_dir(f"bucket/{out}")
            continue
        killed += 1
        job.check_nothing_false(out)
        job.check_going_on(out)
    record_property("S3: kill -9 at a random moment, then resumed: the same bytes", killed)


def test_two_attempts_at_once_do_no_harm(job, store):
    for attempt in range(20 if FULL else 3):
        processes = [job.start(f"twice{attempt}") for _ in range(2)]
        for process in processes:
            code, errors = finish(process)
            assert code == 0, errors
        assert store.bytes_of(f"twice{attempt}") == job.bytes


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


def test_changed_inputs_are_refused(job, store):
    assert job.run("changed").returncode == 0
    first = sorted(job.local.iterdir())[0]
    with store.files.open_output_stream(f"bucket/in/{first.name}") as stream:
        stream.write(first.read_bytes()[:-1] + b"?")
    done = job.run("changed")
    assert done.returncode == 6 and first.name in done.stderr and "changed" in done.stderr
    store.upload(job.local, "in")
    assert job.run("changed").returncode == 0


def test_what_cannot_be_had_is_refused_with_the_reason(hasten, job, store, tmp_path):
    def run(source, out):
        return label(hasten, job.model, source, out, environment=store.environment)

    for source, out, code, words in [
            ("s3://bucket/absent", tmp_path / "out", NOT_FOUND, "no such file"),
            ("s3://absent/in", tmp_path / "out", NOT_FOUND, "absent"),
            ("s3://bucket/in", "s3://absent/out", OUTPUT, "bucket"),
            ("s3://bucket/in", "s3://bucket/in/out", USAGE, "apart"),
            ("s3a://bucket/in", tmp_path / "out", USAGE, "s3://"),
            ("s3:///in", tmp_path / "out", USAGE, "bucket")]:
        done = run(source, out)
        assert done.returncode == code and words in done.stderr, done.stderr
        assert not (tmp_path / "out").exists()
    if shutil.which("hdfs") is None:
        done = run("hdfs://localhost:1/in", tmp_path / "out")
        assert done.returncode == UNSUPPORTED and "lib" in done.stderr and len(done.stderr) < 800
    done = label(hasten, job.model, "s3://bucket/in", tmp_path / "out",
                 environment=dict(store.environment, AWS_ENDPOINT_URL="http://127.0.0.1:1"))
    assert done.returncode == NOT_FOUND and "s3://bucket/in" in done.stderr


def test_the_scores_are_those_of_a_disk(job, store, tmp_path):
    name = sorted(path.name for path in job.local.iterdir())[1]
    (tmp_path / name).write_bytes(store.read(f"bucket/same/{name}"))
    assert parquet.read_table(tmp_path / name).num_rows == 251
    assert os.environ.get("AWS_ENDPOINT_URL") is None, "the tests set it for their runs alone"

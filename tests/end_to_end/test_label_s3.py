"""`hasten label` from and into an object store, against a local S3 server: run `make test-s3`."""

import os
import random
import shutil

import pytest

from label_jobs import INCOMPLETE, NOT_FOUND, OUTPUT, UNSUPPORTED, USAGE, bytes_of, finish, label, parquet, start, write_parts
from label_stores import CHECKPOINTS, job, needs_server, store  # noqa: F401

pytestmark = needs_server


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


def test_the_tasks_of_an_array_share_results(hasten, job, store):
    """As test_label_shared_results.py has it for disks."""
    def computed(folder, task, *more):
        report, = hasten.json_lines("label", "--model", job.model, "--input", "s3://bucket/in", "--output", folder,
                                    *CHECKPOINTS, "--json", "--shard", f"{task}/4", *more, environment=store.environment)
        return report["speed"]["forward_texts"]

    alone = sum(computed(f"s3://bucket/alone{task}", task, "--dedup", "window") for task in range(4))
    shared = [computed("s3://bucket/shared", task, "--dedup", "global") for task in range(4)]
    assert sum(shared) < alone
    assert store.bytes_of("shared") == job.bytes


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

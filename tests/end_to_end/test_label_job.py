"""`hasten label` into a folder: exactly once per row, however often it is stopped, killed or run twice."""

import gzip
import json
import os
import random
import shutil
import time

import pytest

from label_jobs import (BAD_DATA, INCOMPLETE, OUTPUT, USAGE, bytes_of, finish, label, parquet, pyarrow, start,
                        write_parts)


@pytest.fixture(scope="module")
def job(hasten, sentiment, tmp_path_factory):
    """Inputs, and what an undisturbed run makes of them."""
    workspace = tmp_path_factory.mktemp("job")
    source = workspace / "in"
    rows = write_parts(source, 7, 300)
    done = label(hasten, sentiment.converted, source, workspace / "whole", "--checkpoint-rows", 100)
    assert done.returncode == 0, done.stderr
    return source, workspace / "whole", rows


def test_one_part_for_each_input_with_its_stem_ids_and_order(job):
    source, whole, rows = job
    names = sorted(path.name for path in whole.glob("*.parquet"))
    assert names == sorted(path.name for path in source.iterdir())
    ids = [value for name in names for value in parquet.read_table(whole / name)["tweet_id"].to_pylist()]
    assert ids == list(range(rows))
    assert parquet.read_schema(whole / names[0]).field("tweet_id").type == pyarrow.int64()
    assert (whole / "_SUCCESS").exists()


def test_a_finished_job_is_only_verified(hasten, sentiment, job):
    source, whole, rows = job
    before = bytes_of(whole)
    report, = hasten.json_lines("label", "--model", sentiment.converted, "--input", source, "--output", whole,
                                "--checkpoint-rows", 100, "--json")
    assert report["complete"] and report["rows"] == report["rows_before"] == rows
    assert report["speed"]["forward_texts"] == 0
    assert bytes_of(whole) == before


@pytest.mark.parametrize("tasks", [1, 7, 64])
def test_an_array_makes_the_same_files(hasten, sentiment, job, tmp_path, tasks):
    source, whole, _ = job
    for task in random.Random(1).sample(range(tasks), tasks):  # in no order
        environment = {"SLURM_ARRAY_TASK_ID": str(5 + 2 * task), "SLURM_ARRAY_TASK_MIN": "5",
                       "SLURM_ARRAY_TASK_MAX": str(5 + 2 * (tasks - 1)), "SLURM_ARRAY_TASK_STEP": "2",
                       "SLURM_ARRAY_TASK_COUNT": str(tasks)}
        done = label(hasten, sentiment.converted, source, tmp_path / "out", environment=environment)
        assert done.returncode == 0, done.stderr
    assert bytes_of(tmp_path / "out") == bytes_of(whole)


def test_an_irregular_array_is_refused_with_the_remedy(hasten, sentiment, job, tmp_path):
    done = label(hasten, sentiment.converted, job[0], tmp_path / "out",
                 environment={"SLURM_ARRAY_TASK_ID": "5", "SLURM_ARRAY_TASK_MIN": "1",
                              "SLURM_ARRAY_TASK_MAX": "9", "SLURM_ARRAY_TASK_COUNT": "3"})
    assert done.returncode == USAGE and "--shard" in done.stderr


@pytest.mark.parametrize("dedup", ["none", "window", "global"])
def test_scores_do_not_depend_on_dedup(hasten, sentiment, job, tmp_path, dedup):
    source, whole, _ = job
    report, = hasten.json_lines("label", "--model", sentiment.converted, "--input", source, "--output",
                                tmp_path / "out", "--dedup", dedup, "--json")
    assert bytes_of(tmp_path / "out") == bytes_of(whole)
    distinct = len({text for path in source.iterdir() for text in parquet.read_table(path)["text"].to_pylist()})
    computed = report["speed"]["forward_texts"]
    assert computed == (report["rows"] if dedup == "none" else distinct)


def test_a_checkpoint_is_gone_on_from(hasten, sentiment, tmp_path):
    write_parts(tmp_path / "in", 1, 20_000)
    model, source, out = sentiment.converted, tmp_path / "in", tmp_path / "out"
    process = start(hasten, model, source, out, "--checkpoint-rows", 100)
    deadline = time.time() + 60
    while not list(out.glob("_hasten/checkpoints/*/*")) and time.time() < deadline:
        time.sleep(0.005)
    process.terminate()
    code, errors = finish(process, 10)
    assert code == INCOMPLETE, errors
    assert not (out / "_SUCCESS").exists() and not list(out.glob("*.parquet"))
    report, = hasten.json_lines("label", "--model", model, "--input", source, "--output", out, "--json")
    assert report["rows_before"] >= 100 and report["complete"]
    assert not list(out.glob("_hasten/checkpoints/*/*"))
    assert label(hasten, model, source, tmp_path / "again").returncode == 0
    assert bytes_of(tmp_path / "again") == bytes_of(out)


@pytest.mark.parametrize("flags, words", [
    (["--precision", "int8"], ["precision", "fp32", "int8"]),
    (["--limit", "5"], ["limit", "5"]),
    (["--scores", "positive"], ["labels"]),
    (["--max-length", "17"], ["max length", "17"]),
    (["--function", "sigmoid"], ["function", "sigmoid"]),
    (["--id-column", "tweet_id"], ["id column"]),
    (["--output-format", "csv"], ["format of parts", "csv"]),
], ids=lambda value: value[0])
def test_other_settings_are_refused_by_name(hasten, sentiment, job, flags, words):
    source, whole, _ = job
    done = label(hasten, sentiment.converted, source, whole, *flags)
    assert done.returncode == USAGE
    for word in words:
        assert word in done.stderr


def test_another_model_is_refused(hasten, sentiment, job, tmp_path):
    source, whole, _ = job
    other = tmp_path / "other.onnx"
    folder = tmp_path / "checkpoint"
    shutil.copytree(sentiment.folder, folder)
    weights = bytearray((folder / "model.safetensors").read_bytes())
    weights[-100] ^= 1
    (folder / "model.safetensors").write_bytes(weights)
    hasten.ok("convert", folder, other)
    done = label(hasten, other, source, whole)
    assert done.returncode == USAGE and "model of score" in done.stderr


def test_changed_inputs_are_refused(hasten, sentiment, job, tmp_path):
    source = tmp_path / "in"
    out = tmp_path / "out"
    shutil.copytree(job[0], source)
    assert label(hasten, sentiment.converted, source, out).returncode == 0
    first, second, *_ = sorted(source.iterdir())
    content = first.read_bytes()

    first.write_bytes(content + b"x")  # another size
    done = label(hasten, sentiment.converted, source, out)
    assert done.returncode == BAD_DATA and first.name in done.stderr

    stamp = os.stat(first)
    first.write_bytes(content[:-300] + bytes([content[-300] ^ 1]) + content[-299:])  # the same size
    os.utime(first, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    done = label(hasten, sentiment.converted, source, out)
    assert done.returncode == BAD_DATA and first.name in done.stderr and "changed" in done.stderr
    first.write_bytes(content)

    (source / "part-99999.parquet").write_bytes(content)
    done = label(hasten, sentiment.converted, source, out)
    assert done.returncode == BAD_DATA and "part-99999.parquet is new" in done.stderr
    (source / "part-99999.parquet").unlink()

    second.unlink()
    done = label(hasten, sentiment.converted, source, out)
    assert done.returncode == BAD_DATA and "is gone" in done.stderr


def test_a_part_that_was_damaged_is_no_success(hasten, sentiment, job, tmp_path):
    source, whole, _ = job
    out = tmp_path / "out"
    shutil.copytree(whole, out)
    part = sorted(out.glob("*.parquet"))[2]
    part.write_bytes(part.read_bytes()[:-1] + b"x")
    done = label(hasten, sentiment.converted, source, out)
    assert done.returncode == OUTPUT and part.name in done.stderr
    part.unlink()
    assert label(hasten, sentiment.converted, source, out).returncode == 0
    assert bytes_of(out) == bytes_of(whole)


def test_a_damaged_checkpoint_is_computed_again(hasten, sentiment, tmp_path):
    write_parts(tmp_path / "in", 1, 12_000)
    model, source, out = sentiment.converted, tmp_path / "in", tmp_path / "out"
    process = start(hasten, model, source, out, "--checkpoint-rows", 100)
    deadline = time.time() + 60
    while len(list(out.glob("_hasten/checkpoints/*/*"))) < 2 and time.time() < deadline:
        time.sleep(0.005)
    process.kill()
    finish(process)
    first = min(out.glob("_hasten/checkpoints/*/*"))
    content = bytearray(first.read_bytes())
    content[len(content) // 2] ^= 1
    first.write_bytes(content)
    assert label(hasten, model, source, out).returncode == 0
    assert label(hasten, model, source, tmp_path / "again").returncode == 0
    assert bytes_of(tmp_path / "again") == bytes_of(out)


def test_a_folder_of_something_else_is_left_alone(hasten, sentiment, job, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("mine")
    done = label(hasten, sentiment.converted, job[0], out)
    assert done.returncode == USAGE and "thesis.txt" in done.stderr
    assert [path.name for path in out.iterdir()] == ["thesis.txt"]


def test_the_output_may_not_lie_among_the_inputs(hasten, sentiment, job):
    source, _, _ = job
    for output in (source, source / "scores", source.parent):
        done = label(hasten, sentiment.converted, source, output)
        assert done.returncode == USAGE and "apart" in done.stderr


def test_an_input_that_cannot_be_read_does_not_stop_the_others(hasten, sentiment, job, tmp_path):
    source = tmp_path / "in"
    shutil.copytree(job[0], source)
    broken = sorted(source.iterdir())[3]
    broken.write_bytes(broken.read_bytes()[:500])
    done = hasten("label", "--model", sentiment.converted, "--input", source, "--output", tmp_path / "out", "--json")
    assert done.returncode == BAD_DATA
    report = json.loads(done.stdout)
    assert [failure["input"] for failure in report["failures"]] == [str(broken)]
    assert len(list((tmp_path / "out").glob("*.parquet"))) == 6
    assert not (tmp_path / "out" / "_SUCCESS").exists()


@pytest.mark.parametrize("pack", [lambda data: data, gzip.compress], ids=["plain", "gzip"])
def test_a_quote_that_is_never_closed_makes_an_input_unreadable(hasten, sentiment, tmp_path, pack):
    source = tmp_path / "in"
    source.mkdir()
    rows = [f"{index},a text" for index in range(50_000)]
    (source / "good.csv").write_text("tweet_id,text\n" + "\n".join(rows[:100]))
    rows[40_000] = '40000,"a text'
    broken = source / "broken.csv.gz"  # unpacked where it is packed, whatever its name
    broken.write_bytes(pack(("tweet_id,text\n" + "\n".join(rows)).encode()))
    done = hasten("label", "--model", sentiment.converted, "--input", source, "--output", tmp_path / "out", "--json")
    assert done.returncode == BAD_DATA
    failure, = json.loads(done.stdout)["failures"]
    assert failure["input"] == str(broken) and "line 40002" in failure["message"]
    assert [path.name for path in (tmp_path / "out").glob("*.parquet")] == ["good.parquet"]
    assert not (tmp_path / "out" / "_SUCCESS").exists()

    rows[40_000] = '40000,"a text"'
    broken.write_bytes(pack(("tweet_id,text\n" + "\n".join(rows)).encode()))
    assert label(hasten, sentiment.converted, source, tmp_path / "again").returncode == 0
    assert parquet.read_table(tmp_path / "again" / "broken.parquet").num_rows == 50_000

"""`hasten label` over many files as the tasks of an array: what each does, its output names, its threads and memory."""

import json
import os
import random
import subprocess
import sys

import pytest

from conftest import ROOT, TWEETS
from label_jobs import INCOMPLETE, USAGE, label as run, pyarrow, write_table


def test_remaining_files_do_not_depend_on_the_process(hasten, sentiment, tmp_path):
    """The list of what remained came from a set, whose order differs per process: files were left out or done twice."""
    for index in range(40):
        write_table(tmp_path / "in" / f"part-{index:05}.parquet", [f"text {index} {row}" for row in range(index)],
                    pyarrow.array(range(index), pyarrow.int64()))
    for task in range(3):  # of eight: the others never ran
        assert run(hasten, sentiment.converted, tmp_path / "in", tmp_path / "out", "--shard", f"{task}/8").returncode == 0
    done = hasten("status", tmp_path / "out", "--remaining")
    assert done.returncode == INCOMPLETE
    remaining = done.stdout.split()
    parts = {path.name for path in (tmp_path / "out").glob("*.parquet")}
    assert parts.isdisjoint(remaining) and len(parts) + len(remaining) == 40
    for task in random.Random(5).sample(range(16), 16):  # another number of tasks goes on
        assert run(hasten, sentiment.converted, tmp_path / "in", tmp_path / "out", "--shard", f"{task}/16").returncode == 0
    status, = hasten.json_lines("status", tmp_path / "out", "--verify", "--json")
    assert status["complete"] and status["rows"] == sum(range(40)) and status["remaining"] == []


def test_output_names_come_from_inputs_whatever_they_are(hasten, sentiment, tmp_path):
    """Output names held the job's id, so that reruns doubled them; a pattern for part-...-c000 broke other names."""
    names = ["part-00000-c000.snappy.parquet", "tweets 2020.csv", "ñandú.jsonl", "a.b.c.parquet", "sub/part-00000-c000.txt"]
    for name in names:
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith("parquet"):
            write_table(path, ["one", "two"])
        elif name.endswith("csv"):
            path.write_text("tweet_id,text\n1,one\n")
        elif name.endswith("jsonl"):
            path.write_text('{"text": "one"}\n')
        else:
            path.write_text("one\n")
    for environment in ({"SLURM_JOB_ID": "1"}, {"SLURM_JOB_ID": "2"}):
        assert run(hasten, sentiment.converted, tmp_path / "in", tmp_path / "out", environment=environment).returncode == 0
    made = sorted(path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.parquet"))
    assert made == sorted(["part-00000-c000.snappy.parquet", "tweets 2020.parquet", "ñandú.parquet", "a.b.c.parquet",
                           "sub/part-00000-c000.parquet"])


def test_two_inputs_of_one_name_are_refused_before_any_work(hasten, sentiment, tmp_path):
    write_table(tmp_path / "a" / "part.parquet", ["x"])
    write_table(tmp_path / "b" / "part.parquet", ["y"])
    done = hasten("label", "--model", sentiment.converted, "--input", tmp_path / "a" / "part.parquet",
                  tmp_path / "b" / "part.parquet", "--output", tmp_path / "out")
    assert done.returncode == USAGE and "part.parquet" in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("first, step", [(0, 1), (1, 1), (100, 7)])
def test_array_ids_may_start_anywhere(hasten, sentiment, tmp_path, first, step):
    """They were assumed to start at 0: the first file was left out, and the last task had none."""
    for index in range(5):
        write_table(tmp_path / "in" / f"part-{index}.parquet", [f"text {index}"])
    for task in range(3):
        environment = {"SLURM_ARRAY_TASK_ID": str(first + task * step), "SLURM_ARRAY_TASK_MIN": str(first),
                       "SLURM_ARRAY_TASK_MAX": str(first + 2 * step), "SLURM_ARRAY_TASK_STEP": str(step),
                       "SLURM_ARRAY_TASK_COUNT": "3"}
        assert run(hasten, sentiment.converted, tmp_path / "in", tmp_path / "out", environment=environment).returncode == 0
    assert hasten("status", tmp_path / "out").returncode == 0


def test_memory_and_threads_of_the_task_are_kept_to(hasten, sentiment, tmp_path):
    report = hasten.ok("label", "--model", sentiment.converted, "--input", TWEETS, "--output", tmp_path / "out",
                       "--json", environment={"SLURM_CPUS_PER_TASK": "1"})
    assert json.loads(report)["speed"]["peak_memory"] < 500e6
    log = json.loads(next((tmp_path / "out" / "_hasten" / "log").iterdir()).read_text())
    assert log["run"]["threads"] == 1 and log["run"]["shard"] == "0/1"


@pytest.mark.skipif(sys.platform != "linux", reason="bash and signals")
def test_the_batch_script_passes_signals_on_and_requeues(hasten, sentiment, tmp_path):
    requeued = tmp_path / "requeued"
    fake = tmp_path / "bin"
    fake.mkdir()
    (fake / "scontrol").write_text(f"#!/bin/sh\necho \"$@\" > {requeued}\n")
    (fake / "scontrol").chmod(0o755)
    many = tmp_path / "many.txt"
    many.write_text("".join(f"the text of number {index}\n" for index in range(200_000)))
    environment = dict(os.environ, HASTEN=hasten.program, PATH=f"{fake}:{os.environ['PATH']}",
                       SLURM_ARRAY_JOB_ID="17", SLURM_ARRAY_TASK_ID="0", SLURM_ARRAY_TASK_MIN="0",
                       SLURM_ARRAY_TASK_MAX="0", SLURM_ARRAY_TASK_COUNT="1")
    script = subprocess.Popen(["bash", ROOT / "examples" / "slurm" / "label.sbatch", sentiment.converted, many,
                               tmp_path / "out"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while not (tmp_path / "out" / "_hasten" / "job.json").exists():
        assert script.poll() is None
    script.send_signal(10)  # SIGUSR1
    _, errors = script.communicate(timeout=30)
    assert script.returncode == INCOMPLETE, errors
    assert requeued.read_text() == "requeue 17_0\n"


def test_memory_stays_where_it_is_whatever_the_input(hasten, sentiment, tmp_path):
    """Jobs ended in `oom-kill`: memory grew with the file."""
    peaks = []
    for rows in (80_000, 800_000):  # both past the warm-up
        texts = [f"text {index % 977} of a file with {index} rows" for index in range(rows)]
        write_table(tmp_path / f"{rows}.parquet", texts)
        report, = hasten.json_lines("label", "--model", sentiment.converted, "--input", tmp_path / f"{rows}.parquet",
                                    "--output", tmp_path / f"out{rows}", "--max-length", "8", "--dedup", "none", "--json")
        peaks.append(report["speed"]["peak_memory"])
    assert peaks[1] < 1.4 * peaks[0] and peaks[1] < 300e6, peaks

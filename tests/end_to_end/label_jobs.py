"""Inputs of bulk jobs, runs of them, and what they leave behind, for the tests of `hasten label`."""

import os
import random
import subprocess
import time

import pytest

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

USAGE, NOT_FOUND, UNSUPPORTED, BAD_DATA, OUTPUT, INCOMPLETE = 2, 3, 5, 6, 7, 9
WORDS = "work job lost hired today boss fired happy sad shift money new week interview offer".split()

# `make test` takes a sample of what `make test-faults` does in full.
FULL = os.environ.get("HASTEN_TEST_FULL") == "1"


def texts(count, seed=0):
    """Short texts, a third of which occur more than once."""
    dice = random.Random(seed)
    made = []
    for _ in range(count):
        again = made and dice.random() < 0.3
        made.append(dice.choice(made) if again else " ".join(dice.choices(WORDS, k=dice.randint(1, 12))))
    return made


def write_parts(folder, parts, rows):
    """Spark-style files whose rows number on through all of them; returns the number of rows."""
    folder.mkdir(parents=True)
    first = 0
    for index in range(parts):
        count = rows + index  # no two of one size
        table = pyarrow.table({"tweet_id": pyarrow.array(range(first, first + count), pyarrow.int64()),
                               "text": texts(count, seed=index)})
        parquet.write_table(table, folder / f"part-{index:05}-c000.snappy.parquet")
        first += count
    return first


def write_table(path, texts, ids=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    ids = pyarrow.array(range(len(texts)) if ids is None else ids)
    parquet.write_table(pyarrow.table({"tweet_id": ids, "text": pyarrow.array(texts, pyarrow.string())}), path)


def label(hasten, model, source, output, *more, **options):
    return hasten("label", "--model", model, "--input", source, "--output", output, "--quiet", *more, **options)


def start(hasten, model, source, output, *more, environment=None):
    return subprocess.Popen([hasten.program, "label", "--model", model, "--input", source, "--output", output,
                             "--quiet", *map(str, more)], stderr=subprocess.PIPE,
                            env=dict(os.environ, **(environment or {})))


def seconds_until_end(process, limit):
    """How long a run still took, in short turns: when the whole machine stands still, so does this clock."""
    turn = 0.01
    for turns in range(int(limit / turn)):
        if process.poll() is not None:
            return turns * turn
        time.sleep(turn)
    process.kill()
    raise AssertionError(f"did not end within {limit} s: {process.communicate()[1].decode()}")


def finish(process, limit=60):
    """Exit code and messages of a started run."""
    seconds_until_end(process, limit)
    return process.returncode, process.communicate()[1].decode()


def is_of_one_run(name):
    """Whether a file tells of a run, its host and its times, and not of the job."""
    return "_hasten/log" in name or name == "_report.html"


def bytes_of(folder):
    """Every file of a job but those of single runs: name -> bytes."""
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in files.items() if not is_of_one_run(name)}

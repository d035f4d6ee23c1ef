"""`hasten label --dedup global` over the tasks of an array: a text that one has computed, no other computes again."""

import json
import random
import shutil
import time

import pytest

from label_jobs import FULL, bytes_of, finish, label, parquet, pyarrow, start

FILES, ROWS, TEXTS = 70, 60, 900
KILLS = 50 if FULL else 5
GLOBAL = ("--dedup", "global", "--checkpoint-rows", "50")
RESULTS = "_hasten/results"


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """Files whose texts come from one pool, so that most duplicates lie in different files; and the texts that occur."""
    folder = tmp_path_factory.mktemp("shared") / "in"
    folder.mkdir()
    dice = random.Random(12)
    pool = [f"{dice.choice(('good', 'bad', 'no'))} news {' of'.join(' ' * dice.randint(1, 5))} {number}" for number in
            range(TEXTS)]
    occurring = set()
    for index in range(FILES):
        texts = [dice.choice(pool) for _ in range(ROWS + index)]
        occurring.update(texts)
        ids = pyarrow.array(range(index * 1000, index * 1000 + len(texts)), pyarrow.int64())
        parquet.write_table(pyarrow.table({"id": ids, "text": texts}), folder / f"part-{index:03}.parquet")
    return folder, len(occurring)


@pytest.fixture(scope="module")
def whole(hasten, sentiment, source, tmp_path_factory):
    """What one machine makes of them that computes every text."""
    made = {}

    def of(precision):
        if precision not in made:
            out = tmp_path_factory.mktemp("whole") / "out"
            done = label(hasten, sentiment.converted, source[0], out, "--dedup", "none", "--precision", precision)
            assert done.returncode == 0, done.stderr
            made[precision] = bytes_of(out)
        return made[precision]

    return of


def run_task(hasten, model, source, out, task, tasks, *more):
    """The speed part of the report of one task."""
    report, = hasten.json_lines("label", "--model", model, "--input", source, "--output", out, *GLOBAL, "--json", "--shard",
                                f"{task}/{tasks}", *more)
    return report["speed"]


@pytest.mark.parametrize("tasks, precision", [(7, "fp32"), (7, "bf16"), (7, "int8"), (64, "fp32")])
def test_tasks_one_after_the_other_compute_each_text_once(hasten, sentiment, source, whole, tmp_path, tasks, precision):
    folder, distinct = source
    order = random.Random(tasks).sample(range(tasks), tasks)
    speeds = [run_task(hasten, sentiment.converted, folder, tmp_path / "out", task, tasks, "--precision", precision)
              for task in order]
    assert sum(speed["forward_texts"] for speed in speeds) == distinct
    assert [speed["results_received"] for speed in speeds] == [
        sum(earlier["forward_texts"] for earlier in speeds[:index]) for index in range(tasks)]
    assert bytes_of(tmp_path / "out") == whole(precision)


def test_alone_each_task_computes_what_others_have(hasten, sentiment, source, tmp_path):
    """The measure of the test above: without the results of others, most texts are computed by several tasks."""
    folder, distinct = source
    computed = sum(run_task(hasten, sentiment.converted, folder, tmp_path / f"out{task}", task, 7)["forward_texts"]
                   for task in range(7))
    assert computed > 2 * distinct


@pytest.mark.parametrize("tasks", [7, 64])
def test_tasks_at_once_make_the_same_bytes(hasten, sentiment, source, whole, tmp_path, tasks):
    """However many texts two of them compute both, and whoever ends last."""
    out, folder = tmp_path / "out", source[0]
    for first in range(0, tasks, 8):
        processes = [start(hasten, sentiment.converted, folder, out, *GLOBAL, "--shard", f"{task}/{tasks}")
                     for task in range(first, min(first + 8, tasks))]
        for process in processes:
            code, errors = finish(process)
            assert code == 0, errors
    assert bytes_of(out) == whole("auto")


def test_tasks_that_are_killed_stopped_and_run_twice(hasten, sentiment, source, whole, tmp_path, record_property):
    folder, dice = source[0], random.Random(5)
    began = time.time()
    run_task(hasten, sentiment.converted, folder, tmp_path / "timed", 0, 7)
    seconds = time.time() - began
    killed = arrays = 0
    while killed < KILLS:
        out = tmp_path / f"out{arrays}"
        for task in dice.sample(range(7), 7):
            process = start(hasten, sentiment.converted, folder, out, *GLOBAL, "--shard", f"{task}/7")
            twin = dice.random() < 0.2 and start(hasten, sentiment.converted, folder, out, *GLOBAL, "--shard", f"{task}/7")
            time.sleep(dice.uniform(0, 1.1 * seconds))
            if dice.random() < 0.7:
                process.kill()
            else:
                process.terminate()
            killed += finish(process)[0] != 0
            assert not twin or finish(twin)[0] == 0
        for task in range(7):
            run_task(hasten, sentiment.converted, folder, out, task, 7)
        assert bytes_of(out) == whole("auto")
        shutil.rmtree(out)
        arrays += 1
    record_property("`--dedup global`, a task of an array of 7 killed, stopped or doubled: the same bytes", killed)


def test_damaged_results_are_computed_again(hasten, sentiment, source, whole, tmp_path, record_property):
    folder, distinct = source
    out, dice = tmp_path / "out", random.Random(8)
    computed = run_task(hasten, sentiment.converted, folder, out, 0, 3)["forward_texts"]
    segment, = [path for path in (out / RESULTS).rglob("*") if path.is_file()]
    content = segment.read_bytes()
    damages = 0
    for damaged in ([b"", content[:-1], content + b"x", b"HASTENR2" + bytes(1000)]
                    + [content[:dice.randrange(len(content))] for _ in range(5)]
                    + [content[:at] + bytes([content[at] ^ 1 << dice.randrange(8)]) + content[at + 1:]
                       for at in dice.sample(range(len(content)), 10)]):
        segment.write_bytes(damaged)
        copy = tmp_path / f"copy{damages}"
        shutil.copytree(out, copy)
        second = run_task(hasten, sentiment.converted, folder, copy, 1, 3)
        assert second["results_received"] == 0
        third = run_task(hasten, sentiment.converted, folder, copy, 2, 3)
        assert computed + second["forward_texts"] + third["forward_texts"] >= distinct
        assert bytes_of(copy) == whole("auto")
        damages += 1
    record_property("`--dedup global`, shared results damaged: computed again, the same bytes", damages)


def test_results_of_other_settings_are_another_jobs(hasten, sentiment, source, tmp_path):
    """Segments that were copied from a job with another precision are not taken."""
    folder = source[0]
    for precision in ("fp32", "int8"):
        run_task(hasten, sentiment.converted, folder, tmp_path / precision, 0, 7, "--precision", precision)
    shutil.rmtree(tmp_path / "int8" / RESULTS)
    shutil.copytree(tmp_path / "fp32" / RESULTS, tmp_path / "int8" / RESULTS)
    speed = run_task(hasten, sentiment.converted, folder, tmp_path / "int8", 1, 7, "--precision", "int8")
    assert speed["results_received"] == 0


def test_an_interrupted_run_remembers_what_it_computed(hasten, sentiment, source, whole, tmp_path):
    folder, distinct = source
    out = tmp_path / "out"
    first = run_task(hasten, sentiment.converted, folder, out, 0, 2)
    rest = run_task(hasten, sentiment.converted, folder, out, 0, 1)
    assert first["forward_texts"] + rest["forward_texts"] == distinct
    assert bytes_of(out) == whole("auto")
    again = json.loads(hasten.ok("label", "--model", sentiment.converted, "--input", folder, "--output", out, *GLOBAL,
                                 "--json"))
    assert again["complete"] and bytes_of(out) == whole("auto")

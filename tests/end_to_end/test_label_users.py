"""What went wrong for people who labelled 100 million tweets with scripts, each as a test."""

import gzip
import json
import os
import random
import shutil
import subprocess
import sys

import pytest

from conftest import ROOT, SENTIMENT, SHARED, TWEETS

pyarrow = pytest.importorskip("pyarrow")
csv = pytest.importorskip("pyarrow.csv")
parquet = pytest.importorskip("pyarrow.parquet")

USAGE, NOT_FOUND, BAD_DATA, OUTPUT, INCOMPLETE = 2, 3, 6, 7, 9


def keep_classes(source, folder, kept):
    """A copy of a checkpoint whose classifier has only some of its classes."""
    shutil.copytree(source, folder)
    content = (source / "model.safetensors").read_bytes()
    size = int.from_bytes(content[:8], "little")
    header, data, changed, offset = json.loads(content[8:8 + size]), content[8 + size:], {}, 0
    parts = []
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        values = data[begin:end]
        if name.startswith("classifier."):
            row = len(values) // entry["shape"][0]
            values = b"".join(values[index * row:(index + 1) * row] for index in kept)
            entry["shape"][0] = len(kept)
        changed[name] = dict(entry, data_offsets=[offset, offset + len(values)])
        offset += len(values)
        parts.append(values)
    text = json.dumps(changed).encode()
    text += b" " * (-len(text) % 8)
    (folder / "model.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + b"".join(parts))
    config = json.loads((folder / "config.json").read_text())
    names = [config["id2label"][str(index)] for index in kept]
    config.update(id2label={str(index): name for index, name in enumerate(names)},
                  label2id={name: index for index, name in enumerate(names)}, num_labels=len(kept))
    (folder / "config.json").write_text(json.dumps(config))
    arguments = json.loads((folder / "model_args.json").read_text())
    for key in ("labels_list", "labels_map"):
        arguments.pop(key, None)
    (folder / "model_args.json").write_text(json.dumps(arguments))
    return folder


@pytest.fixture(scope="module")
def binary(hasten, tmp_path_factory):
    """A model with two labels: the bundled one without its middle class."""
    folder = tmp_path_factory.mktemp("binary")
    hasten.ok("convert", keep_classes(SENTIMENT, folder / "checkpoint", [0, 2]), folder / "model.onnx")
    return folder / "model.onnx"


def write_table(path, texts, ids=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    ids = pyarrow.array(range(len(texts)) if ids is None else ids)
    parquet.write_table(pyarrow.table({"tweet_id": ids, "text": pyarrow.array(texts, pyarrow.string())}), path)


def run(hasten, model, source, output, *more, **options):
    return hasten("label", "--model", model, "--input", source, "--output", output, "--quiet", *more, **options)


def test_duplicate_texts_keep_every_id(hasten, sentiment, tmp_path):
    """Dropping duplicate texts dropped their ids; a merge on an id that occurs twice multiplied rows."""
    texts = ["the same text"] * 50 + ["another"] + ["the same text"] * 50
    ids = [7] * 60 + list(range(41))
    write_table(tmp_path / "in.parquet", texts, ids)
    report, = hasten.json_lines("label", "--model", sentiment.converted, "--input", tmp_path / "in.parquet",
                                "--output", tmp_path / "out.parquet", "--json")
    table = parquet.read_table(tmp_path / "out.parquet")
    assert table["tweet_id"].to_pylist() == ids
    scores = table["score_positive"].to_pylist()
    assert scores[0] == scores[-1] != scores[50]
    assert report["speed"]["forward_texts"] == 2 and report["speed"]["duplicates"] == 99


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


@pytest.mark.parametrize("ids", [["b", "a", "b"], [3, 1, 2**62], [None, 5, 5]], ids=["text", "integer", "null"])
def test_ids_keep_their_type(hasten, sentiment, tmp_path, ids):
    write_table(tmp_path / "in.parquet", ["x", "y", "z"], ids)
    assert run(hasten, sentiment.converted, tmp_path / "in.parquet", tmp_path / "out.parquet").returncode == 0
    table = parquet.read_table(tmp_path / "out.parquet")
    assert table["tweet_id"].to_pylist() == ids
    assert table.schema.field("tweet_id").type == parquet.read_schema(tmp_path / "in.parquet").field("tweet_id").type


def test_five_models_cost_one_reading_and_one_tokenising(hasten, sentiment, tmp_path):
    """Every text was tokenised five times, once for each model, although the models share a vocabulary."""
    names = ["is_hired_1mo", "is_unemployed", "job_search", "job_offer", "lost_job_1mo"]
    models = []
    for index, name in enumerate(names):
        folder = tmp_path / name
        shutil.copytree(SENTIMENT, folder)
        weights = bytearray((folder / "model.safetensors").read_bytes())
        weights[-6 - 4 * index] ^= 0x30  # another classifier
        (folder / "model.safetensors").write_bytes(weights)
        models += ["--model", f"{name}={folder}"]
    report, = hasten.json_lines("label", *models, "--input", TWEETS, "--output", tmp_path / "all.parquet", "--json")
    speed = report["speed"]
    assert speed["encoded_texts"] == report["rows"]
    assert speed["forward_texts"] == 5 * (report["rows"] - speed["duplicates"])
    table = parquet.read_table(tmp_path / "all.parquet").to_pydict()
    assert set(report["rows_by_label"]) == set(names)
    for name in names:
        assert run(hasten, tmp_path / name, TWEETS, tmp_path / f"{name}.parquet").returncode == 0
        alone = parquet.read_table(tmp_path / f"{name}.parquet").to_pydict()
        for label in ("negative", "neutral", "positive"):
            assert table[f"{name}_{label}"] == alone[f"score_{label}"]


def test_models_of_different_lengths_are_tokenised_apart(hasten, sentiment, tmp_path):
    long = tmp_path / "long"
    shutil.copytree(SENTIMENT, long)
    arguments = json.loads((long / "model_args.json").read_text())
    arguments["max_seq_length"] = 16
    (long / "model_args.json").write_text(json.dumps(arguments))
    report, = hasten.json_lines("label", "--model", f"a={sentiment.converted}", f"b={long}", "--input", TWEETS,
                                "--output", tmp_path / "all.parquet", "--json")
    assert report["speed"]["encoded_texts"] == 2 * report["rows"]
    assert run(hasten, long, TWEETS, tmp_path / "alone.parquet").returncode == 0
    assert (parquet.read_table(tmp_path / "all.parquet")["b_positive"].to_pylist()
            == parquet.read_table(tmp_path / "alone.parquet")["score_positive"].to_pylist())


def test_models_need_names_of_their_own(hasten, sentiment, tmp_path):
    for models in ([sentiment.converted, sentiment.folder], [f"a={sentiment.converted}", f"a={sentiment.folder}"]):
        done = hasten("label", "--model", *models, "--input", TWEETS, "--output", tmp_path / "out.parquet")
        assert done.returncode == USAGE and "name" in done.stderr


def test_the_score_of_a_binary_model_is_its_second_class(hasten, binary, tmp_path):
    assert run(hasten, binary, TWEETS, tmp_path / "one.parquet").returncode == 0
    assert run(hasten, binary, TWEETS, tmp_path / "all.parquet", "--scores", "all").returncode == 0
    assert run(hasten, f"lost_job={binary}", TWEETS, tmp_path / "named.parquet").returncode == 0
    one, every = parquet.read_table(tmp_path / "one.parquet"), parquet.read_table(tmp_path / "all.parquet")
    named = parquet.read_table(tmp_path / "named.parquet")
    assert one.column_names == ["tweet_id", "score", "status"]
    assert named.column_names == ["tweet_id", "lost_job", "status"]
    assert every.column_names == ["tweet_id", "score_negative", "score_positive", "status"]
    assert one["score"].to_pylist() == named["lost_job"].to_pylist() == every["score_positive"].to_pylist()
    assert one.schema.field("score").type == pyarrow.float32()


def test_bad_rows_keep_their_places_and_are_counted(hasten, sentiment, tmp_path):
    dice = random.Random(11)
    kinds = {"ok": b"a text", "empty": b"  ", "invalid_utf8": b"caf\xe9", "null": None}
    wanted = [kind if kind == "ok" or dice.random() < 0.2 else "ok" for kind in dice.choices(list(kinds), k=3000)]
    texts = [kinds[kind] for kind in wanted]
    table = pyarrow.table({"id": pyarrow.array(range(3000)), "text": pyarrow.array(texts, pyarrow.binary())})
    parquet.write_table(table, tmp_path / "in.parquet")
    report, = hasten.json_lines("label", "--model", sentiment.converted, "--input", tmp_path / "in.parquet",
                                "--output", tmp_path / "out.parquet", "--json")
    result = parquet.read_table(tmp_path / "out.parquet")
    assert result["status"].to_pylist() == wanted
    assert report["rows_by_status"] == {kind: wanted.count(kind) for kind in sorted(set(wanted))}
    good = {score for score, kind in zip(result["score_positive"].to_pylist(), wanted) if kind == "ok"}
    assert len(good) == 1 and None not in good
    assert all((score is None) == (kind == "null") for score, kind in zip(result["score_positive"].to_pylist(), wanted))
    bad = sum(kind in ("null", "invalid_utf8") for kind in wanted)
    for allowed, code in ((bad, 0), (bad - 1, BAD_DATA)):
        done = run(hasten, sentiment.converted, tmp_path / "in.parquet", tmp_path / "again.parquet", "--max-bad", allowed)
        assert done.returncode == code, done.stderr
    assert "--max-bad" in done.stderr


@pytest.mark.parametrize("kind", ["parquet", "csv", "jsonl"])
def test_merging_makes_one_table_of_all_parts(hasten, sentiment, tmp_path, kind):
    for index in range(5):
        write_table(tmp_path / "in" / f"part-{index}.parquet", [f"text {row}" for row in range(index * 3)],
                    pyarrow.array(range(index * 100, index * 103), pyarrow.int64()))
    out, merged = tmp_path / "out", tmp_path / f"merged.{kind}"
    assert run(hasten, sentiment.converted, tmp_path / "in", out, "--output-format", kind, "--shard", "0/2").returncode == 0
    done = hasten("merge", out, merged)
    assert done.returncode == INCOMPLETE and not merged.exists()
    assert run(hasten, sentiment.converted, tmp_path / "in", out, "--output-format", kind, "--shard", "1/2").returncode == 0
    report, = hasten.json_lines("merge", out, merged, "--json")
    assert report["rows"] == 30 and report["parts"] == 5
    ids = [id for index in range(5) for id in range(index * 100, index * 103)]
    if kind == "parquet":
        table = parquet.read_table(merged)
        assert table["tweet_id"].to_pylist() == ids
        assert parquet.ParquetFile(merged).num_row_groups == 1
        assert b"hasten.model_of_score" in parquet.read_schema(merged).metadata
    elif kind == "csv":
        assert csv.read_csv(merged)["tweet_id"].to_pylist() == ids
    else:
        assert [json.loads(line)["tweet_id"] for line in merged.read_text().splitlines()] == ids
    first = merged.read_bytes()
    hasten.ok("merge", out, merged)
    assert merged.read_bytes() == first


def test_merging_refuses_another_format_and_a_damaged_part(hasten, sentiment, tmp_path):
    write_table(tmp_path / "in" / "part.parquet", ["x"])
    out = tmp_path / "out"
    assert run(hasten, sentiment.converted, tmp_path / "in", out).returncode == 0
    assert hasten("merge", out, tmp_path / "m.csv").returncode == USAGE
    assert hasten("merge", out, out / "part.parquet").returncode == USAGE
    part = out / "part.parquet"
    part.write_bytes(part.read_bytes()[:-1] + b"?")
    assert hasten("merge", out, tmp_path / "m.parquet").returncode == OUTPUT
    assert hasten("status", out, "--verify").returncode == OUTPUT
    assert hasten("merge", tmp_path / "in", tmp_path / "m.parquet").returncode in (USAGE, NOT_FOUND)


def test_an_output_file_is_for_one_input(hasten, sentiment, tmp_path):
    write_table(tmp_path / "in" / "part.parquet", ["x"])
    done = run(hasten, sentiment.converted, tmp_path / "in", tmp_path / "out.parquet")
    assert done.returncode == USAGE and "merge" in done.stderr
    done = run(hasten, sentiment.converted, TWEETS, tmp_path / "out.parquet", "--shard", "0/2")
    assert done.returncode == USAGE and "merge" in done.stderr


def test_standard_input_goes_into_a_file(hasten, sentiment, tmp_path):
    done = run(hasten, sentiment.converted, "-", tmp_path / "out.jsonl", stdin="one\ntwo\n\n")
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [row["status"] for row in rows] == ["ok", "ok", "empty"]
    assert run(hasten, sentiment.converted, "-", tmp_path / "out", stdin="one\n").returncode == USAGE


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


def ranks(values):
    """From 0 for the highest; equal values share the mean of theirs."""
    order = sorted(range(len(values)), key=lambda index: -values[index])
    found = [0.0] * len(values)
    begin = 0
    while begin < len(order):
        end = begin
        while end < len(order) and values[order[end]] == values[order[begin]]:
            end += 1
        for index in order[begin:end]:
            found[index] = (begin + end - 1) / 2
        begin = end
    return found


def spearman(left, right):
    pairs = list(zip(ranks(left), ranks(right), strict=True))
    mean = (len(pairs) - 1) / 2
    product = sum((a - mean) * (b - mean) for a, b in pairs)
    return product / (sum((a - mean) ** 2 for a, _ in pairs) * sum((b - mean) ** 2 for _, b in pairs)) ** 0.5


def test_int8_keeps_the_order_of_the_top_scored_texts(hasten, minilm, tmp_path):
    """int8 was given up: within the top texts its rank correlation with fp32 was 0.834 at the median of 25 models."""
    texts = gzip.open(SHARED / "data" / "tweeteval" / "emoji" / "test_text.txt.gz", "rt", encoding="utf-8").read()
    (tmp_path / "in.txt").write_text("\n".join(texts.split("\n")[:2000]) + "\n", encoding="utf-8")
    for precision in ("fp32", "int8"):
        done = run(hasten, minilm.converted, tmp_path / "in.txt", tmp_path / f"{precision}.parquet", "--precision", precision)
        assert done.returncode == 0, done.stderr
    exact, fast = (parquet.read_table(tmp_path / f"{name}.parquet")["score"].to_pylist() for name in ("fp32", "int8"))
    top = sorted(range(len(exact)), key=lambda index: -exact[index])[:200]
    assert spearman([exact[index] for index in top], [fast[index] for index in top]) > 0.98


def test_half_a_file_is_never_taken_for_done(hasten, sentiment, tmp_path):
    """Writes were not atomic: what a killed task left of a file counted as done."""
    write_table(tmp_path / "in" / "part.parquet", [f"text {index}" for index in range(200)])
    out = tmp_path / "out"
    assert run(hasten, sentiment.converted, tmp_path / "in", out).returncode == 0
    whole = (out / "part.parquet").read_bytes()
    for name in ("_SUCCESS", "_hasten/manifest.json", "_hasten/parts/part.parquet.json"):
        (out / name).unlink()
    (out / "part.parquet").write_bytes(whole[:len(whole) // 2])
    assert hasten("status", out, "--remaining").stdout == "part.parquet\n"
    done = run(hasten, sentiment.converted, tmp_path / "in", out)
    assert done.returncode == OUTPUT and "part.parquet" in done.stderr and not (out / "_SUCCESS").exists()
    (out / "part.parquet").unlink()
    assert run(hasten, sentiment.converted, tmp_path / "in", out).returncode == 0
    assert (out / "part.parquet").read_bytes() == whole


def test_a_word_for_no_is_not_taken_for_yes(hasten, sentiment, tmp_path):
    """`--drop_duplicates False` was true, since every word that is not empty is."""
    write_table(tmp_path / "in.parquet", ["x", "x", "y"])
    done = run(hasten, sentiment.converted, tmp_path / "in.parquet", tmp_path / "out.parquet", "--dedup", "False")
    assert done.returncode == USAGE and "none" in done.stderr
    report, = hasten.json_lines("label", "--model", sentiment.converted, "--input", tmp_path / "in.parquet",
                                "--output", tmp_path / "out.parquet", "--dedup", "none", "--json")
    assert report["speed"]["forward_texts"] == 3 and report["rows"] == 3


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


def test_the_name_of_the_folder_says_nothing_about_the_model(hasten, sentiment, tmp_path):
    """BERTweet was recognised by a part of the path."""
    shutil.copytree(SENTIMENT, tmp_path / "vinai" / "bertweet-base")
    write_table(tmp_path / "in.parquet", ["@someone look http://example.com \U0001F600", "plain"])
    for name, model in (("named", tmp_path / "vinai" / "bertweet-base"), ("usual", SENTIMENT)):
        assert run(hasten, model, tmp_path / "in.parquet", tmp_path / f"{name}.parquet").returncode == 0
    assert (tmp_path / "named.parquet").read_bytes() == (tmp_path / "usual.parquet").read_bytes()


def test_an_optimised_model_runs_in_int8(hasten, sentiment, tmp_path):
    """Optimising and then quantising failed."""
    scores = []
    for model in (sentiment.converted, sentiment.optimized):
        out = tmp_path / f"{model.stem}.parquet"
        done = run(hasten, model, TWEETS, out, "--precision", "int8")
        assert done.returncode == 0, done.stderr
        scores.append(parquet.read_table(out)["score_positive"].to_pylist())
    assert scores[0] == pytest.approx(scores[1], abs=2e-3)


def test_a_column_of_nothing_but_nulls_is_labelled_null(hasten, sentiment, tmp_path):
    table = pyarrow.table({"tweet_id": pyarrow.array([4, 5]), "text": pyarrow.nulls(2)})
    parquet.write_table(table, tmp_path / "in.parquet")
    assert run(hasten, sentiment.converted, tmp_path / "in.parquet", tmp_path / "out.parquet").returncode == 0
    result = parquet.read_table(tmp_path / "out.parquet").to_pydict()
    assert result["tweet_id"] == [4, 5] and result["status"] == ["null", "null"]
    assert result["score_positive"] == [None, None]

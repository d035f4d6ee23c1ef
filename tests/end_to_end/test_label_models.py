"""`hasten label` with several models, with models of two labels, and in int8."""

import gzip
import json
import shutil

import pytest

from conftest import SENTIMENT, SHARED, TWEETS
from label_jobs import USAGE, label as run, parquet, pyarrow, write_table


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

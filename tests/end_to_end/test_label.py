"""`hasten label`: a CSV of tweets in, a Parquet file of scores out."""

import csv
import signal
import subprocess
import time

import pytest

from conftest import TWEETS

parquet = pytest.importorskip("pyarrow.parquet")


@pytest.fixture(scope="module")
def tweets():
    with open(TWEETS, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_row_is_there_with_its_id_and_scores(hasten, sentiment, tweets, tmp_path):
    output = tmp_path / "scores.parquet"
    hasten.ok("label", "--model", sentiment.converted, "--input", TWEETS, "--output", output, "--id-column", "tweet_id")
    table = parquet.read_table(output).to_pydict()
    assert [str(value) for value in table["tweet_id"]] == [row["tweet_id"] for row in tweets]
    predicted = hasten.json_lines("predict", sentiment.converted, "--input", TWEETS, "--json")
    for index, label in enumerate(("negative", "neutral", "positive")):
        assert table[f"score_{label}"] == pytest.approx([row["probabilities"][index] for row in predicted], abs=1e-7)
    for status, row, scored in zip(table["status"], tweets, predicted, strict=True):
        assert status == ("empty" if not row["text"].strip() else "truncated" if scored["truncated"] else "ok")
    metadata = parquet.read_schema(output).metadata
    assert metadata[b"hasten.function_of_score"] == b"softmax"


def test_the_summary_counts(hasten, sentiment, tweets, tmp_path):
    report, = hasten.json_lines("label", "--model", sentiment.converted, "--input", TWEETS,
                                "--output", tmp_path / "scores.parquet", "--json")
    assert report["rows"] == len(tweets) == sum(report["rows_by_status"].values())
    assert report["text_column"] == "text"


def test_an_interrupted_run_leaves_nothing(hasten, sentiment, tmp_path):
    many = tmp_path / "many.txt"
    many.write_text("".join(f"the text of number {i}\n" for i in range(200_000)))
    process = subprocess.Popen([hasten.program, "label", "--model", sentiment.converted, "--input", many,
                                "--output", tmp_path / "scores.parquet"], stderr=subprocess.PIPE)
    time.sleep(0.7)
    process.send_signal(signal.SIGINT)
    assert process.wait(10) != 0
    assert [entry.name for entry in tmp_path.iterdir()] == ["many.txt"]

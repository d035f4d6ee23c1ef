"""What went wrong with rows, ids and texts for people who labelled 100 million tweets with scripts, each as a test."""

import json
import random

import pytest

from conftest import TWEETS
from label_jobs import BAD_DATA, OUTPUT, USAGE, label as run, parquet, pyarrow, write_table


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


@pytest.mark.parametrize("ids", [["b", "a", "b"], [3, 1, 2**62], [None, 5, 5]], ids=["text", "integer", "null"])
def test_ids_keep_their_type(hasten, sentiment, tmp_path, ids):
    write_table(tmp_path / "in.parquet", ["x", "y", "z"], ids)
    assert run(hasten, sentiment.converted, tmp_path / "in.parquet", tmp_path / "out.parquet").returncode == 0
    table = parquet.read_table(tmp_path / "out.parquet")
    assert table["tweet_id"].to_pylist() == ids
    assert table.schema.field("tweet_id").type == parquet.read_schema(tmp_path / "in.parquet").field("tweet_id").type


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


def test_a_column_of_nothing_but_nulls_is_labelled_null(hasten, sentiment, tmp_path):
    table = pyarrow.table({"tweet_id": pyarrow.array([4, 5]), "text": pyarrow.nulls(2)})
    parquet.write_table(table, tmp_path / "in.parquet")
    assert run(hasten, sentiment.converted, tmp_path / "in.parquet", tmp_path / "out.parquet").returncode == 0
    result = parquet.read_table(tmp_path / "out.parquet").to_pydict()
    assert result["tweet_id"] == [4, 5] and result["status"] == ["null", "null"]
    assert result["score_positive"] == [None, None]


def test_a_word_for_no_is_not_taken_for_yes(hasten, sentiment, tmp_path):
    """`--drop_duplicates False` was true, since every word that is not empty is."""
    write_table(tmp_path / "in.parquet", ["x", "x", "y"])
    done = run(hasten, sentiment.converted, tmp_path / "in.parquet", tmp_path / "out.parquet", "--dedup", "False")
    assert done.returncode == USAGE and "none" in done.stderr
    report, = hasten.json_lines("label", "--model", sentiment.converted, "--input", tmp_path / "in.parquet",
                                "--output", tmp_path / "out.parquet", "--dedup", "none", "--json")
    assert report["speed"]["forward_texts"] == 3 and report["rows"] == 3


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


def test_standard_input_goes_into_a_file(hasten, sentiment, tmp_path):
    done = run(hasten, sentiment.converted, "-", tmp_path / "out.jsonl", stdin="one\ntwo\n\n")
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [row["status"] for row in rows] == ["ok", "ok", "empty"]
    assert run(hasten, sentiment.converted, "-", tmp_path / "out", stdin="one\n").returncode == USAGE


def test_an_output_file_is_for_one_input(hasten, sentiment, tmp_path):
    write_table(tmp_path / "in" / "part.parquet", ["x"])
    done = run(hasten, sentiment.converted, tmp_path / "in", tmp_path / "out.parquet")
    assert done.returncode == USAGE and "merge" in done.stderr
    done = run(hasten, sentiment.converted, TWEETS, tmp_path / "out.parquet", "--shard", "0/2")
    assert done.returncode == USAGE and "merge" in done.stderr


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_what_a_spreadsheet_saves_is_read(hasten, sentiment, tmp_path, encoding):
    """Semicolons between fields, where the comma is the decimal sign, and UTF-16 with and without its mark."""
    rows = "id;text;weight\r\n1;\"good; señor, really\";0,5\r\n2;bad;1,0\r\n"
    (tmp_path / "in.csv").write_bytes(rows.encode(encoding))
    (tmp_path / "plain.csv").write_text("id,text,weight\n1,\"good; señor, really\",\"0,5\"\n2,bad,\"1,0\"\n")
    for name in ("in", "plain"):
        done = run(hasten, sentiment.converted, tmp_path / f"{name}.csv", tmp_path / f"{name}.parquet",
                   "--keep-columns", "weight")
        assert done.returncode == 0, done.stderr
    assert parquet.read_table(tmp_path / "in.parquet").equals(parquet.read_table(tmp_path / "plain.parquet"))

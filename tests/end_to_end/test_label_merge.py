"""`hasten merge`: the parts of a job as one table."""

import json

import pytest

from label_jobs import INCOMPLETE, NOT_FOUND, OUTPUT, USAGE, label as run, parquet, pyarrow, write_table

csv = pytest.importorskip("pyarrow.csv")


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

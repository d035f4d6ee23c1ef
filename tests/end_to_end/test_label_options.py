"""`hasten label`: columns that are kept, rows that are chosen, jobs that are only tried, what is seen of a run."""

import datetime
import fcntl
import gzip
import json
import os
import pty
import re
import struct
import subprocess
import termios
import time

import pytest

from conftest import TWEETS
from label_jobs import BAD_DATA, NOT_FOUND, USAGE, label, parquet, pyarrow, texts, write_parts

csv = pytest.importorskip("pyarrow.csv")

DAY = datetime.date(2020, 3, 14)
COLUMNS = {
    "tweet_id": pyarrow.array([3, 1, 2, 4], pyarrow.int64()),
    "text": pyarrow.array(["one", None, "three", "four"]),
    "language": pyarrow.array(["en", "es", None, "en"]),
    "retweets": pyarrow.array([5, None, 7, 2], pyarrow.int32()),
    "sensitive": pyarrow.array([True, False, None, True]),
    "weight": pyarrow.array([0.5, None, -1.25, 2.0], pyarrow.float64()),
    "day": pyarrow.array([DAY, None, DAY, DAY]),
    "written": pyarrow.array([datetime.datetime(2020, 3, 14, 15, 9, 26), None, None, None], pyarrow.timestamp("ms", "UTC")),
    "country": pyarrow.array(["us", "mx", "us", "br"]).dictionary_encode(),
    "nothing": pyarrow.nulls(4),
}
KEPT = [name for name in COLUMNS if name not in ("tweet_id", "text")]


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "in.parquet"
    parquet.write_table(pyarrow.table(COLUMNS), path)
    return path


def test_columns_of_every_type_are_kept(hasten, sentiment, table, tmp_path):
    done = label(hasten, sentiment.converted, table, tmp_path / "out.parquet", "--keep-columns", ",".join(KEPT))
    assert done.returncode == 0, done.stderr
    result = parquet.read_table(tmp_path / "out.parquet")
    assert result.column_names[:len(KEPT) + 1] == ["tweet_id", *KEPT]
    for name in KEPT:
        assert result[name].to_pylist() == COLUMNS[name].to_pylist(), name
        wanted = {"country": pyarrow.string(), "nothing": pyarrow.string()}.get(name, COLUMNS[name].type)
        assert result.schema.field(name).type == wanted
    assert result["status"].to_pylist() == ["ok", "null", "ok", "ok"]


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl"])
def test_kept_columns_come_from_and_go_into_text(hasten, sentiment, tmp_path, kind):
    (tmp_path / "in.csv").write_text('id,text,note\n1,one,"a, ""b"""\n2,two,\n')
    done = label(hasten, sentiment.converted, tmp_path / "in.csv", tmp_path / f"out.{kind}", "--keep-columns", "note")
    assert done.returncode == 0, done.stderr
    if kind == "jsonl":
        notes = [json.loads(line)["note"] for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    else:
        options = csv.ParseOptions(delimiter="\t" if kind == "tsv" else ",")
        notes = csv.read_csv(tmp_path / f"out.{kind}", parse_options=options)["note"].to_pylist()
    assert notes[0] == 'a, "b"' and not notes[1]


def test_quotes_are_text_without_quoting(hasten, sentiment, tmp_path):
    source = tmp_path / "in"
    source.mkdir()
    (source / "plain.tsv").write_text('id\ttext\n1\t"Hello" she said\n2\t"opened\n3\t"both"\n')
    done = label(hasten, sentiment.converted, source, tmp_path / "out", "--no-quoting", "--keep-columns", "text")
    assert done.returncode == 0, done.stderr
    result = parquet.read_table(tmp_path / "out" / "plain.parquet")
    assert result["text"].to_pylist() == ['"Hello" she said', '"opened', '"both"']
    assert result["status"].to_pylist() == ["ok"] * 3
    done = label(hasten, sentiment.converted, source, tmp_path / "out", "--keep-columns", "text")
    assert done.returncode == USAGE and "quoting was none" in done.stderr, "it is a setting of the job"


def test_columns_that_are_not_there_or_there_twice_are_refused(hasten, sentiment, table, tmp_path):
    done = label(hasten, sentiment.converted, table, tmp_path / "out.parquet", "--keep-columns", "langage")
    assert done.returncode == BAD_DATA and 'Did you mean "language"' in done.stderr
    done = label(hasten, sentiment.converted, table, tmp_path / "out.parquet", "--keep-columns", "day,day")
    assert done.returncode == USAGE and "twice" in done.stderr
    done = label(hasten, sentiment.converted, TWEETS, tmp_path / "out.parquet", "--keep-columns", "status")
    assert done.returncode == BAD_DATA
    assert not (tmp_path / "out.parquet").exists()


@pytest.mark.parametrize("conditions, ids", [
    (["language=en"], [3, 4]),
    (["language!=en"], [1, 2]),
    (["language=en", "retweets=5"], [3]),
    (["sensitive=true"], [3, 4]),
    (["weight=-1.25"], [2]),
    (["tweet_id=1"], [1]),
    (["country!=us"], [1, 4]),
    (["nothing=x"], []),
], ids=str)
def test_only_rows_that_meet_the_conditions_are_labelled(hasten, sentiment, table, tmp_path, conditions, ids):
    flags = [flag for condition in conditions for flag in ("--where", condition)]
    done = label(hasten, sentiment.converted, table, tmp_path / "out", *flags, "--keep-columns", "retweets")
    assert done.returncode == 0, done.stderr
    result = parquet.read_table(tmp_path / "out" / "in.parquet")
    assert result["tweet_id"].to_pylist() == ids
    all_ids, retweets = COLUMNS["tweet_id"].to_pylist(), COLUMNS["retweets"].to_pylist()
    assert result["retweets"].to_pylist() == [retweets[all_ids.index(number)] for number in ids]


def test_conditions_belong_to_the_job(hasten, sentiment, table, tmp_path):
    assert label(hasten, sentiment.converted, table, tmp_path / "out", "--where", "language=en").returncode == 0
    done = label(hasten, sentiment.converted, table, tmp_path / "out", "--where", "language=es")
    assert done.returncode == USAGE and "rows where" in done.stderr
    for wrong in ("language", "=en", "!=en"):
        assert label(hasten, sentiment.converted, table, tmp_path / "new", "--where", wrong).returncode == USAGE
    assert label(hasten, sentiment.converted, table, tmp_path / "new", "--where", "planet=x").returncode == BAD_DATA


def test_conditions_and_checkpoints_agree(hasten, sentiment, tmp_path):
    """Checkpoints count the rows that are labelled, of which some are left out between."""
    (tmp_path / "in").mkdir()
    with open(tmp_path / "in" / "many.csv", "w", encoding="utf-8") as file:
        file.write("id,text,language\n")
        for index, text in enumerate(texts(30_000)):
            file.write(f"{index},{text},{'en' if index % 3 else 'es'}\n")
    command = ("--where", "language=en", "--checkpoint-rows", 500)
    process = subprocess.Popen([hasten.program, "label", "--model", sentiment.converted, "--input", tmp_path / "in",
                                "--output", tmp_path / "out", "--quiet", *map(str, command)])
    deadline = time.time() + 60
    while not list((tmp_path / "out").glob("_hasten/checkpoints/*/*")) and time.time() < deadline:
        time.sleep(0.005)
    process.kill()
    process.wait()
    assert label(hasten, sentiment.converted, tmp_path / "in", tmp_path / "out", *command).returncode == 0
    assert label(hasten, sentiment.converted, tmp_path / "in", tmp_path / "whole", *command).returncode == 0
    assert (tmp_path / "out" / "many.parquet").read_bytes() == (tmp_path / "whole" / "many.parquet").read_bytes()
    ids = parquet.read_table(tmp_path / "out" / "many.parquet")["id"].to_pylist()
    assert [int(number) for number in ids] == [index for index in range(30_000) if index % 3]


def test_a_job_that_is_only_tried(hasten, sentiment, tmp_path):
    rows = write_parts(tmp_path / "in", 3, 400)
    with gzip.open(tmp_path / "in" / "more.csv.gz", "wt", encoding="utf-8") as file:
        file.write("tweet_id,text\n" + "".join(f"{index},{text}\n" for index, text in enumerate(texts(50_000))))

    def estimate():
        return hasten.json_lines("label", "--model", sentiment.converted, "--input", tmp_path / "in", "--output",
                                 tmp_path / "out", "--dry-run", "--json")[0]

    before = estimate()
    assert not (tmp_path / "out").exists()
    assert before["files"] == 4 and before["files_done"] == 0
    assert abs(before["rows"] - rows - 50_000) < 10_000 and not before["rows_are_exact"]
    assert before["texts_per_second"] > 0 and before["probe_rows"] > 0
    assert before["seconds"] == pytest.approx(before["rows"] / before["texts_per_second"])
    (tmp_path / "in" / "more.csv.gz").unlink()
    exact = estimate()
    assert exact["rows"] == rows and exact["rows_are_exact"]
    assert label(hasten, sentiment.converted, tmp_path / "in", tmp_path / "out", "--shard", "0/3").returncode == 0
    part_way = estimate()
    assert part_way["files_done"] == 1 and 400 <= part_way["rows_done"] <= 402
    assert "about" in hasten.ok("label", "--model", sentiment.converted, "--input", tmp_path / "in", "--output",
                                tmp_path / "out", "--dry-run")
    done = label(hasten, sentiment.converted, tmp_path / "in", tmp_path / "out", "--dry-run", "--limit", 7)
    assert done.returncode == USAGE and "limit" in done.stderr
    assert label(hasten, sentiment.converted, tmp_path / "absent", tmp_path / "out", "--dry-run").returncode == NOT_FOUND
    assert label(hasten, sentiment.converted, "-", tmp_path / "out.csv", "--dry-run", stdin="x\n").returncode == USAGE


def numbers_of(page):
    return {number.replace(",", "") for number in re.findall(r">([\d,]+)(?: \(| row|<)", page)}


def test_a_page_beside_the_output_shows_rows_labels_and_speed(hasten, sentiment, tmp_path):
    report, = hasten.json_lines("label", "--model", sentiment.converted, "--input", TWEETS, "--output",
                                tmp_path / "out", "--json")
    page = (tmp_path / "out" / "_report.html").read_text(encoding="utf-8")
    assert report["page"] == str(tmp_path / "out" / "_report.html")
    for count in (*report["rows_by_status"].values(), *report["rows_by_label"]["score"].values()):
        assert str(count) in numbers_of(page)
    for word in ("negative", "truncated", "tokenise", "idle", "fp32", "each once"):
        assert word in page
    assert "<script" not in page and "http" not in page.replace("http://www.w3.org", "")
    before = (tmp_path / "out" / "_report.html").read_bytes()
    assert label(hasten, sentiment.converted, TWEETS, tmp_path / "out").returncode == 0
    assert (tmp_path / "out" / "_report.html").read_bytes() == before
    assert label(hasten, sentiment.converted, TWEETS, tmp_path / "scores.csv").returncode == 0
    assert "each once" in (tmp_path / "scores.report.html").read_text(encoding="utf-8")
    assert label(hasten, sentiment.converted, TWEETS, tmp_path / "plain", "--no-report").returncode == 0
    assert not (tmp_path / "plain" / "_report.html").exists()


def test_the_page_of_an_array_sums_its_tasks(hasten, sentiment, tmp_path):
    rows = write_parts(tmp_path / "in", 3, 50)
    for task in range(3):
        assert not (tmp_path / "out" / "_report.html").exists()
        assert label(hasten, sentiment.converted, tmp_path / "in", tmp_path / "out", "--shard", f"{task}/3").returncode == 0
    page = (tmp_path / "out" / "_report.html").read_text(encoding="utf-8")
    assert f"{rows} rows in 3 parts" in page and "<dt>Runs</dt><dd>3," in page


def test_names_in_the_page_are_text(hasten, sentiment, tmp_path):
    assert label(hasten, f"a_b={sentiment.converted}", TWEETS, tmp_path / "<b>out").returncode == 0
    page = (tmp_path / "<b>out" / "_report.html").read_text(encoding="utf-8")
    assert "<b>out" not in page and "&lt;b&gt;out" in page


def test_the_summary_tells_each_stage_and_the_memory(hasten, sentiment, tmp_path):
    report, = hasten.json_lines("label", "--model", sentiment.converted, "--input", TWEETS, "--output",
                                tmp_path / "out", "--json")
    speed = report["speed"]
    for stage in ("read", "encode", "compute", "write", "idle"):
        assert speed[f"{stage}_seconds"] >= 0
    assert speed["compute_seconds"] > 0 and 20e6 < speed["peak_memory"] < 500e6
    assert speed["encoded_texts"] == report["rows"] == sum(report["rows_by_label"]["score"].values())
    shown = hasten.ok("label", "--model", sentiment.converted, "--input", TWEETS, "--output", tmp_path / "again")
    for word in ("Rows", "Labels", "Speed", "duplicates", "read", "tokenise", "of memory", "complete and verified"):
        assert word in shown


def test_a_terminal_sees_a_bar_and_a_file_sees_lines(hasten, sentiment, tmp_path):
    write_parts(tmp_path / "in", 6, 4_000)
    command = [hasten.program, "label", "--model", sentiment.converted, "--input", tmp_path / "in", "--output"]
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 150, 0, 0))
    process = subprocess.Popen([*command, tmp_path / "seen"], stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    seen = b""
    while True:
        try:
            seen += os.read(ours, 65_536)
        except OSError:  # the other end is closed
            break
    assert process.wait() == 0
    os.close(ours)
    for word in (b"\r", b"[#", b"texts/s", b"tokens/s", b"left", b"% duplicates"):
        assert word in seen, seen[-500:]
    done = subprocess.run([*command, tmp_path / "logged"], capture_output=True)
    assert done.returncode == 0 and b"\r" not in done.stderr and b"\x1b" not in done.stdout + done.stderr


@pytest.mark.parametrize("name", ["-", "scores.xlsx", "scores.json", "scores.csv.gz"])
def test_outputs_that_would_be_folders_named_like_files_are_refused(hasten, sentiment, table, tmp_path, name):
    output = name if name == "-" else tmp_path / name
    done = label(hasten, sentiment.converted, table, output)
    assert done.returncode == USAGE and ".parquet, .csv, .tsv or .jsonl" in done.stderr
    assert not os.path.exists(output)

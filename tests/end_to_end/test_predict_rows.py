"""Inputs of every format: one output row for each input row, in order, blank and bad ones included."""

import csv
import gzip
import io
import json
import re
import shutil
import subprocess
import time

import numpy
import pytest

from conftest import SENTIMENT, TWEETS
from test_convert_options import rewrite_weights


def texts_of(rows):
    return [row["text"] for row in rows]


def test_lines_of_standard_input(hasten, sentiment):
    rows = hasten.json_lines("predict", sentiment.converted, "--input", "-", "--json", stdin="one\n\ntwo\nthree")
    assert texts_of(rows) == ["one", "", "two", "three"]
    assert "error" in rows[1] and rows[1]["logits"], "a blank text is scored and said to be blank"
    assert "error" not in rows[0]


def test_every_object_has_every_key(hasten, sentiment):
    row, = hasten.json_lines("predict", sentiment.converted, "a text", "--json")
    assert list(row) == ["text", "label", "probabilities", "logits", "token_count", "truncated"]
    assert row["label"] in ("negative", "neutral", "positive")
    assert len(row["probabilities"]) == len(row["logits"]) == 3
    assert sum(row["probabilities"]) == pytest.approx(1, abs=1e-6)
    assert row["truncated"] is False


def test_csv_rows(hasten, sentiment):
    with open(TWEETS, newline="", encoding="utf-8") as file:
        expected = [row["text"] for row in csv.DictReader(file)]
    rows = hasten.json_lines("predict", sentiment.converted, "--input", TWEETS, "--text-column", "text", "--json")
    assert texts_of(rows) == expected


def test_a_bad_csv_row_keeps_its_place(hasten, sentiment):
    rows = hasten.json_lines("predict", sentiment.converted, "--input", "-", "--input-format", "csv", "--json",
                             stdin="id,text\r\n1,good\r\n2,too,many\r\n3,last\r\n")
    assert texts_of(rows) == ["good", None, "last"]
    assert rows[1]["error"] and rows[1]["logits"] == [] and rows[1]["label"] is None


def test_json_lines_with_bad_ones(hasten, sentiment):
    lines = ['{"text": "one"}', '{"text": broken', '{"text": null}', '{"other": 1}', '{"text": "two", "text_pair": "second"}']
    rows = hasten.json_lines("predict", sentiment.converted, "--input", "-", "--input-format", "jsonl", "--json",
                             stdin="\n".join(lines) + "\n")
    assert texts_of(rows) == ["one", None, None, None, "two"]
    assert ["error" in row for row in rows] == [False, True, True, True, False]
    assert rows[4]["text_pair"] == "second"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_byte_order_marks(hasten, sentiment, tmp_path, encoding):
    text = "déjà vu\r\nçok güzel 🎉\r\n"
    data = text.encode(encoding)
    if encoding.endswith("le"):
        data = b"\xff\xfe" + data
    if encoding.endswith("be"):
        data = b"\xfe\xff" + data
    path = tmp_path / "texts.txt"
    path.write_bytes(data)
    assert texts_of(hasten.json_lines("predict", sentiment.converted, "--input", path, "--json")) == [
        "déjà vu", "çok güzel 🎉"]


def test_malformed_utf8_is_replaced_and_said(hasten, sentiment, tmp_path):
    path = tmp_path / "texts.txt"
    path.write_bytes(b"good\nb\xe2\x82d\n")
    rows = hasten.json_lines("predict", sentiment.converted, "--input", path, "--json")
    assert texts_of(rows) == ["good", "b\ufffdd"]
    assert "error" in rows[1] and rows[1]["logits"]


def test_line_separators_inside_texts_are_escaped(hasten, sentiment):
    text = "a\u0085b\u2028c\u2029d"
    output = hasten.ok("predict", sentiment.converted, text, "--json")
    assert len(output.splitlines()) == 1
    assert "\\u0085" in output and "\\u2028" in output and "\\u2029" in output
    assert json.loads(output)["text"] == text


def test_truncation_is_counted_and_said(hasten, sentiment):
    done = hasten("predict", sentiment.converted, "word " * 1000, "--json")
    row = json.loads(done.stdout)
    assert row["truncated"] is True
    assert "1 of 1 texts were cut" in done.stderr
    assert hasten("predict", sentiment.converted, "word " * 1000, "--json", "--quiet").stderr == ""


def test_max_length_counts_special_tokens(hasten, sentiment):
    row, = hasten.json_lines("predict", sentiment.converted, "one two three four five six", "--json", "--max-length", 6)
    assert row["token_count"] == 6 and row["truncated"] is True


def test_functions(hasten, sentiment):
    def run(function):
        row, = hasten.json_lines("predict", sentiment.converted, "a text", "--json", "--function", function)
        return row

    logits = run("none")["logits"]
    assert run("none")["probabilities"] == logits
    assert run("sigmoid")["probabilities"] == pytest.approx([1 / (1 + 2.718281828459045 ** -x) for x in logits], rel=1e-6)


def test_the_old_scripts_flags(hasten, sentiment):
    old = hasten.ok("predict", "--onnx_model_path", sentiment.converted, "--text", "a text", "--json")
    assert old == hasten.ok("predict", sentiment.converted, "a text", "--json")


def test_output_without_a_terminal_is_separated_by_tabs(hasten, sentiment):
    output = hasten.ok("predict", sentiment.converted, "one\ttab", "two", "--logits")
    header, *rows = output.splitlines()
    assert header.split("\t") == ["label", "probability", "negative", "neutral", "positive", "text"]
    assert [len(row.split("\t")) for row in rows] == [6, 6]
    assert "\x1b" not in output


def test_odd_texts_as_arguments(hasten, sentiment):
    texts = ["", "{}", "[a,b]", "%%", "a=b", "'quoted'", "convert", "\u202eright to left", "[SEP] in the text"]
    assert texts_of(hasten.json_lines("predict", sentiment.converted, "--json", *texts)) == texts
    texts += ["-5", "--threads", "--"]
    assert texts_of(hasten.json_lines("predict", sentiment.converted, "--json", "--", *texts)) == texts


def test_a_text_that_looks_like_an_option_is_not_swallowed(hasten, sentiment):
    done = hasten("predict", sentiment.converted, "-5")
    assert done.returncode == 2 and "goes after --" in done.stderr


def test_a_text_is_answered_before_the_next_one_comes(hasten, sentiment):
    process = subprocess.Popen([hasten.program, "predict", sentiment.converted, "--input", "-", "--json"],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    for text in ("first", "second"):
        process.stdin.write(text + "\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["text"] == text
    process.stdin.close()
    assert process.wait(10) == 0


def test_one_text_takes_at_most_30_ms(hasten, sentiment):
    times = []
    for _ in range(15):
        start = time.perf_counter()
        hasten.ok("predict", sentiment.converted, "Today is the first day of my new job, so excited")
        times.append(time.perf_counter() - start)
    assert min(times) <= 0.030, sorted(times)


def test_a_terminal_gets_an_aligned_table(hasten, sentiment):
    import pty
    import os
    import select
    master, slave = pty.openpty()
    process = subprocess.Popen([hasten.program, "predict", sentiment.converted, "so\x1b[31m happy", "x" * 500],
                               stdout=slave, stderr=subprocess.PIPE)
    process.wait(30)
    os.close(slave)
    output = b""
    while select.select([master], [], [], 0.2)[0]:
        try:
            output += os.read(master, 65536)
        except OSError:
            break
    os.close(master)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", output.decode())
    assert "label" in plain and "probability" in plain
    assert "\x1b[31m happy" not in output.decode(), "a text cannot drive the terminal"
    assert all(len(line) <= 80 for line in plain.splitlines())


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.csv.gz"])
def test_a_quote_that_is_never_closed_is_an_error(hasten, sentiment, tmp_path, name):
    separator = "\t" if "tsv" in name else ","
    rows = ["id,text", "1,a", '2,"opened', *(f"{number},lost otherwise" for number in range(3, 20_000))]
    data = "\n".join(rows).replace(",", separator).encode()
    path = tmp_path / name
    path.write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    done = hasten("predict", sentiment.converted, "--input", path, "--json")
    assert done.returncode == 6
    assert f"{path}, line 3" in done.stderr and "not closed" in done.stderr
    assert len(done.stderr.splitlines()) == 2, "what and where, then what to do"
    assert "--no-quoting" in done.stderr
    done = hasten("predict", sentiment.converted, "--input", path, "--no-quoting", "--json")
    assert done.returncode == 0
    assert [json.loads(line)["text"] for line in done.stdout.splitlines()[:3]] == ["a", '"opened', "lost otherwise"]


def test_scores_that_are_not_finite_are_said(hasten, tmp_path):
    folder = shutil.copytree(SENTIMENT, tmp_path / "model")
    rewrite_weights(folder / "model.safetensors",
                    lambda values: values * 0 + 3e38 if values.size == 512 else values, "F32")
    done = hasten("predict", folder, "a text", "", "--json")
    assert done.returncode == 0
    for row in map(json.loads, done.stdout.splitlines()):
        assert set(row["logits"]) & {"NaN", "Infinity", "-Infinity"} and row["label"] is None
        assert row["error"].startswith("nonfinite"), "as the status that label gives"
    assert "2 of 2 rows have scores that are not finite" in done.stderr
    assert hasten("predict", folder, "a text", "--quiet").stderr == ""
    assert hasten.ok("predict", folder, "a text").splitlines()[1].startswith("-\t\tnonfinite")
    (tmp_path / "in.csv").write_text("text\na text\n")
    report = json.loads(hasten.ok("label", "--model", folder, "--input", tmp_path / "in.csv", "--output",
                                  tmp_path / "out.csv", "--json"))
    assert report["rows_by_status"] == {"nonfinite": 1} and not any(report["rows_by_label"].values())
    assert (tmp_path / "out.csv").read_text().splitlines()[1].endswith(",nonfinite")


def test_an_infinite_logit_is_not_finite_whatever_its_probability(hasten, tmp_path):
    folder = shutil.copytree(SENTIMENT, tmp_path / "model")
    rewrite_weights(folder / "model.safetensors",
                    lambda values: values + numpy.float32([numpy.inf, 0, 0]) if values.size == 3 else values, "F32")
    (tmp_path / "in.csv").write_text("text\na text\n")
    row, = hasten.json_lines("predict", folder, "--input", tmp_path / "in.csv", "--function", "sigmoid", "--json")
    assert row["logits"][0] == "Infinity" and row["probabilities"][0] == 1
    assert row["label"] is None and row["labels"] is None and row["error"].startswith("nonfinite")
    report = json.loads(hasten.ok("label", "--model", folder, "--input", tmp_path / "in.csv", "--output",
                                  tmp_path / "out.csv", "--function", "sigmoid", "--json"))
    assert report["rows_by_status"] == {"nonfinite": 1} and not any(report["rows_by_label"].values())
    assert (tmp_path / "out.csv").read_text().splitlines()[1].startswith("1,")

"""`hasten verify`: agreement where there is some, damage named where it was done, verdicts and exit codes."""

import csv
import json
import shutil

import numpy
import pyarrow
import pyarrow.parquet
import pytest

from conftest import SENTIMENT, TWEETS

OVER_BUDGET = 8


def verify(hasten, *arguments, passes=True):
    done = hasten("verify", *arguments, "--json")
    assert done.returncode == (0 if passes else OVER_BUDGET), done.stderr
    return json.loads(done.stdout)


def kinds(report):
    return {finding["kind"] for finding in report["findings"]}


def message(report, kind):
    return next(finding["message"] for finding in report["findings"] if finding["kind"] == kind)


def edited_copy(tmp_path, **changes):
    """The sentiment model's folder with settings changed: file name without .json -> keys."""
    folder = tmp_path / "changed"
    shutil.copytree(SENTIMENT, folder)
    for name, keys in changes.items():
        path = folder / f"{name}.json"
        settings = json.loads(path.read_text(encoding="utf-8") or "{}") if path.stat().st_size else {}
        path.write_text(json.dumps(settings | keys), encoding="utf-8")
    return folder


def test_fp32_equals_the_golden_scores_of_pytorch(hasten, model, tmp_path):
    table = tmp_path / "golden.jsonl"
    with open(table, "w", encoding="utf-8") as file:
        for golden in model.goldens:
            file.write(json.dumps(golden) + "\n")
    report = verify(hasten, table, f"{model.converted}@fp32", "--budget", "logit<=1e-5, spearman>=0.999999, argmax>=1")
    assert all(each["logit_differences"]["largest"] <= 1e-5 for each in report["classes"])
    assert report["compared"] >= 200 and report["findings"] == []


def test_one_model_is_compared_with_its_own_fp32(hasten, sentiment):
    report = verify(hasten, f"{sentiment.converted}@bf16", "--input", TWEETS, "--budget", "spearman>=0.99")
    assert report["a"]["name"].endswith("@fp32") and report["b"]["name"].endswith("@bf16")
    assert report["a"]["texts_per_second"] > 0 and report["b"]["peak_memory"] > 0
    assert [depth["top"] for depth in report["classes"][0]["top"]] == ["10%", "100", "all"]


def test_a_failed_budget_is_exit_code_8_and_both_streams_say_so(hasten, sentiment):
    done = hasten("verify", f"{sentiment.converted}@int8", "--input", TWEETS, "--budget", "logit<=1e-9")
    assert done.returncode == OVER_BUDGET
    assert "fails" in done.stdout and "budget" in done.stderr


@pytest.mark.parametrize("budget, told", [
    ("speerman>=0.9", "none of spearman"), ("spearman", ">= or <="), ("flips>=0.1", "good when it is low"),
    ("spearman<=0.9", "good when it is high"), ("spearman>=high", "a number"), ("", "empty"),
    ("spearman@7>=0.9", "depth 7"), ("flips@0.3<=1%", "--threshold"), ("spearman[joy]>=0.9", "negative, neutral, positive")])
def test_budgets_that_cannot_be_read_say_why(hasten, budget, told):
    done = hasten("verify", f"{SENTIMENT}@int8", "--input", TWEETS, "--budget", budget)
    assert done.returncode == 2 and told in done.stderr


def test_a_precision_that_is_none_is_named(hasten):
    done = hasten("verify", f"{SENTIMENT}@int7", "--input", TWEETS)
    assert done.returncode == 2
    assert "'int7'" in done.stderr and "bf16" in done.stderr


def write_scores(path, hasten, change=lambda row: row, columns=("negative", "neutral", "positive")):
    """Scores of the example tweets as a team's own table: id, one column per class."""
    with open(TWEETS, encoding="utf-8", newline="") as file:
        ids = [row["tweet_id"] for row in csv.DictReader(file)]
    rows = hasten.json_lines("predict", SENTIMENT, "--input", TWEETS, "--json", "--quiet", "--precision", "fp32")
    table = {"tweet_id": [int(each) for each in ids]}
    for i, column in enumerate(columns):
        table[f"score_{column}"] = [change(row["probabilities"])[i] for row in rows]
    pyarrow.parquet.write_table(pyarrow.table(table), path)
    return path


def test_a_table_is_paired_by_id_whatever_its_order(hasten, tmp_path):
    path = write_scores(tmp_path / "scores.parquet", hasten)
    table = pyarrow.parquet.read_table(path)
    order = numpy.random.default_rng(1).permutation(table.num_rows)[:200]
    pyarrow.parquet.write_table(table.take(order), path)
    report = verify(hasten, path, f"{SENTIMENT}@fp32", "--input", TWEETS, "--budget", "probability<=1e-6")
    assert report["compared"] == 200
    assert any("paired with the texts by id" in note for note in report["notes"])
    assert any("have no row" in note for note in report["notes"])


def test_csv_and_json_tables_of_hasten_itself_are_read(hasten, tmp_path):
    rows = hasten.ok("predict", SENTIMENT, "--input", TWEETS, "--json", "--quiet", "--precision", "fp32")
    (tmp_path / "scores.jsonl").write_text(rows, encoding="utf-8")
    with open(tmp_path / "scores.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "logit_negative", "logit_neutral", "logit_positive"])
        writer.writerows([row["text"], *row["logits"]] for row in map(json.loads, rows.splitlines()))
    for table in ("scores.jsonl", "scores.csv"):
        report = verify(hasten, tmp_path / table, f"{SENTIMENT}@fp32", "--input", TWEETS, "--budget", "logit<=1e-6")
        assert report["compared"] >= 220


def test_texts_without_quoting_are_compared_with_a_table_that_has_it(hasten, tmp_path):
    (tmp_path / "texts.tsv").write_text('id\ttext\n1\t"So happy\n2\t"Sad" she said\n3\tfine\n')
    hasten.ok("label", "--model", SENTIMENT, "--input", tmp_path / "texts.tsv", "--output", tmp_path / "scores.csv",
              "--no-quoting", "--keep-columns", "text", "--precision", "fp32", "--quiet")
    table = (tmp_path / "scores.csv").read_text()
    assert '""Sad"" she said' in table, "what Hasten writes is quoted"
    report = verify(hasten, tmp_path / "scores.csv", f"{SENTIMENT}@fp32", "--input", tmp_path / "texts.tsv",
                    "--no-quoting", "--budget", "probability<=1e-6")
    assert report["compared"] == 3
    plain = tmp_path / "plain.tsv"  # texts and scores in one file
    plain.write_text("".join("\t".join(row) + "\n" for row in csv.reader(table.splitlines())))
    report = verify(hasten, plain, f"{SENTIMENT}@fp32", "--no-quoting", "--budget", "probability<=1e-6")
    assert report["compared"] == 3


def test_swapped_columns_of_a_table_are_named(hasten, tmp_path):
    swapped = write_scores(tmp_path / "scores.parquet", hasten, columns=("positive", "neutral", "negative"))
    report = verify(hasten, swapped, f"{SENTIMENT}@fp32", "--input", TWEETS, passes=False)
    assert 'A\'s "negative" goes with B\'s "positive"' in message(report, "labels")


def test_another_function_is_named(hasten, tmp_path):
    logits = {row["text"]: row["logits"] for row in
              hasten.json_lines("predict", SENTIMENT, "--input", TWEETS, "--json", "--quiet", "--precision", "fp32")}
    with open(tmp_path / "scores.jsonl", "w", encoding="utf-8") as file:
        for text, row in logits.items():
            sigmoid = (1 / (1 + numpy.exp(-numpy.array(row)))).tolist()
            file.write(json.dumps({"text": text, "probabilities": sigmoid}) + "\n")
    report = verify(hasten, tmp_path / "scores.jsonl", f"{SENTIMENT}@fp32", "--input", TWEETS, passes=False)
    assert "sigmoid" in message(report, "function")


def test_scores_of_other_texts_are_named(hasten, tmp_path):
    path = write_scores(tmp_path / "scores.parquet", hasten)
    table = pyarrow.parquet.read_table(path)
    ids = numpy.random.default_rng(2).permutation(table["tweet_id"].to_numpy())
    pyarrow.parquet.write_table(table.set_column(0, "tweet_id", pyarrow.array(ids)), path)
    report = verify(hasten, path, f"{SENTIMENT}@fp32", "--input", TWEETS, passes=False)
    assert kinds(report) == {"rows"}


def test_swapped_label_names_of_a_model_are_named(hasten, tmp_path):
    changed = edited_copy(tmp_path, config={"id2label": {"0": "positive", "1": "neutral", "2": "negative"},
                                            "label2id": {"positive": 0, "neutral": 1, "negative": 2}},
                          model_args={"labels_list": ["positive", "neutral", "negative"],
                                      "labels_map": {"positive": 0, "neutral": 1, "negative": 2}})
    report = verify(hasten, f"{SENTIMENT}@fp32", f"{changed}@fp32", "--input", TWEETS, passes=False)
    assert "another order" in message(report, "labels")


def test_a_perturbed_weight_is_named(hasten, tmp_path):
    changed = edited_copy(tmp_path)
    path = changed / "model.safetensors"
    content = bytearray(path.read_bytes())
    header_size = int.from_bytes(content[:8], "little")
    header = json.loads(content[8:8 + header_size])
    name = next(key for key in header if key.endswith("0.intermediate.dense.weight"))
    begin, end = (8 + header_size + offset for offset in header[name]["data_offsets"])
    kind = {"F32": numpy.float32, "F16": numpy.float16}[header[name]["dtype"]]
    values = numpy.frombuffer(bytes(content[begin:end]), kind)
    noise = numpy.random.default_rng(3).normal(size=values.size) * values.std() * 0.3
    content[begin:end] = (values + noise).astype(kind).tobytes()
    path.write_bytes(content)
    report = verify(hasten, f"{SENTIMENT}@fp32", f"{changed}@fp32", "--input", TWEETS, "--budget", "logit<=1e-4", passes=False)
    assert kinds(report) == {"weights"}
    assert message(report, "weights").startswith("1 weight differs") and "intermediate" in message(report, "weights")


def test_another_lower_casing_is_named(hasten, tmp_path):
    changed = edited_copy(tmp_path, tokenizer_config={"do_lower_case": False})
    report = verify(hasten, f"{SENTIMENT}@fp32", f"{changed}@fp32", "--input", TWEETS, "--budget", "logit<=1e-4", passes=False)
    assert "tokenizers differ" in message(report, "tokenizer") and "lower-casing" in message(report, "tokenizer")


def test_another_lower_casing_shows_in_a_table_alone(hasten, tmp_path):
    with open(TWEETS, encoding="utf-8", newline="") as file:
        texts = [row["text"] for row in csv.DictReader(file)]
    lowered = tmp_path / "lowered.txt"
    texts = [text for text in texts if text.isascii() and text.strip() and "\n" not in text]
    texts += [text.lower() for text in texts]
    # A tokenizer that keeps case is stood in for by texts whose upper-case words the model never saw.
    lowered.write_text("".join(text.translate(str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "~" * 26)) + "\n" for text in texts), encoding="utf-8")
    scores = hasten.json_lines("predict", SENTIMENT, "--input", lowered, "--json", "--quiet", "--precision", "fp32")
    with open(tmp_path / "scores.jsonl", "w", encoding="utf-8") as file:
        for text, row in zip(texts, scores):
            file.write(json.dumps({"text": text, "logits": row["logits"]}) + "\n")
    report = verify(hasten, tmp_path / "scores.jsonl", f"{SENTIMENT}@fp32", "--budget", "logit<=1e-4", passes=False)
    assert "upper-case letters" in message(report, "tokenizer")


def test_another_length_is_named_in_tokens(hasten, tmp_path):
    rows = hasten.json_lines("predict", SENTIMENT, "--input", TWEETS, "--json", "--quiet", "--precision", "fp32", "--max-length", "24")
    with open(tmp_path / "scores.jsonl", "w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps({"text": row["text"], "logits": row["logits"]}) + "\n")
    report = verify(hasten, tmp_path / "scores.jsonl", f"{SENTIMENT}@fp32", "--budget", "logit<=1e-4", passes=False)
    assert "one side cuts them at 24 tokens" in message(report, "length")


def test_a_small_sample_says_how_many_texts_would_be_enough(hasten, sentiment):
    report = verify(hasten, f"{sentiment.converted}@int8", "--input", TWEETS, "--limit", "100", "--budget", "flips<=0.5%")
    assert not report["clauses"][0]["certain"] and report["clauses"][0]["enough_texts"] > 100
    assert any("too few to tell" in note for note in report["notes"])


def test_no_texts_leaves_them_out_everywhere(hasten, sentiment, tmp_path):
    page = tmp_path / "report.html"
    report = verify(hasten, f"{sentiment.converted}@int8", "--input", TWEETS, "--no-texts", "--html", page, "--budget", "spearman>=0.9")
    assert report["moved"] and all("text" not in moved for moved in report["moved"])
    with open(TWEETS, encoding="utf-8", newline="") as file:
        texts = [row["text"] for row in csv.DictReader(file) if len(row["text"]) > 30]
    content = page.read_text(encoding="utf-8")
    assert not any(text in content for text in texts)


def test_the_page_is_one_file_without_network(hasten, sentiment, tmp_path):
    page = tmp_path / "report.html"
    verify(hasten, f"{sentiment.converted}@int8", "--input", TWEETS, "--html", page, "--budget", "spearman>=0.9")
    content = page.read_text(encoding="utf-8")
    assert "http:" not in content.replace("http://www.w3.org", "") and "<script" not in content and "@import" not in content
    assert content.count("<svg") > 10 and content.count("<figure") == 2 + 4 * 3


@pytest.mark.parametrize("arguments, told", [
    ([SENTIMENT / "absent.onnx", "--input", TWEETS], "no such file"),
    ([f"{SENTIMENT}@fp32", "--input", TWEETS], "compared with itself"),
    ([TWEETS, "--input", TWEETS], "nothing to compare"),
    ([SENTIMENT], "no texts"),
    ([TWEETS, SENTIMENT, "--input", TWEETS], "no columns hold a score")])
def test_what_cannot_be_compared_says_why(hasten, arguments, told):
    done = hasten("verify", *arguments)
    assert done.returncode in (2, 3, 6) and told in done.stderr and done.stdout == ""


def test_ids_that_became_floating_point_numbers_are_named(hasten, tmp_path):
    scores, texts = tmp_path / "scores.csv", tmp_path / "texts.csv"
    texts.write_text("tweet_id,text\n853857844664538583,good\n853857844664538584,bad\n", encoding="utf-8")
    scores.write_text("tweet_id,negative,neutral,positive\n8.53857844664538583e17,.2,.3,.5\n8.5385784466e17,.2,.3,.5\n", encoding="utf-8")
    done = hasten("verify", scores, SENTIMENT, "--input", texts)
    assert done.returncode == 6 and "floating point" in done.stderr and "853857844664538583" in done.stderr, done.stderr

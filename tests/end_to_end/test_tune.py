"""`hasten tune`: a plan that holds its budget, recorded in the model and used by the other verbs."""

import csv
import json

import pytest

from conftest import SENTIMENT, TWEETS


def tune(hasten, *arguments, code=0):
    done = hasten("tune", *arguments, "--json")
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def tune_where_lower_is_faster(hasten, *arguments):
    """On a model this small what else the machine does can hide a lower precision's speed; tune then says so, and is
    asked again. Where the processor computes it no faster there is no search to test."""
    for _ in range(6):
        report = tune(hasten, *arguments)
        slower = [note for note in report["notes"] if "is not faster than" in note]
        if not slower:
            return report
    pytest.skip(slower[0])


def logits(hasten, model, *flags):
    return [row["logits"] for row in hasten.json_lines("predict", model, "--input", TWEETS, "--json", "--quiet", *flags)]


@pytest.fixture(scope="module")
def tuned(hasten, sentiment, tmp_path_factory):
    """The model with a plan that holds a loose budget, and the report."""
    output = tmp_path_factory.mktemp("tuned") / "tuned.onnx"
    return output, tune_where_lower_is_faster(hasten, sentiment.converted, "--input", TWEETS, "--output", output,
                                              "--budget", "spearman>=0.9")


def test_a_loose_budget_gives_int8_wherever_it_saves_time(tuned):
    _, report = tuned
    kept_out = {product for product, precision in report["products"].items() if precision != "int8-plain"}
    assert kept_out == {"layer 3 attention output", "pooler", "classifier"}
    assert [point["plan"] for point in report["points"] if point["chosen"]] == [report["plan"]]
    assert all(clause["holds"] for clause in report["clauses"])
    assert any("a looser one gives no faster plan" in note for note in report["notes"])


def test_a_stricter_budget_that_this_holds_gives_the_same_plan(hasten, tuned, sentiment):
    _, loose = tuned
    strict = tune_where_lower_is_faster(hasten, sentiment.converted, "--input", TWEETS,
                                        "--budget", f"spearman>={loose['clauses'][0]['measured']}")
    assert strict["products"] == loose["products"]


def test_the_plan_is_what_predict_uses_by_default(hasten, tuned, sentiment):
    output, _ = tuned
    by_plan = logits(hasten, output)
    assert by_plan != logits(hasten, sentiment.converted) and by_plan == logits(hasten, output, "--precision", "auto")
    assert logits(hasten, output, "--precision", "fp32") == logits(hasten, sentiment.converted)


def test_inspect_prints_the_plan_and_what_was_measured(hasten, tuned):
    output, report = tuned
    summary = json.loads(hasten.ok("inspect", output, "--json"))
    assert json.loads(summary["precision_plan"])["everywhere"] == "int8-plain"
    measured = json.loads(summary["measured_fidelity"])
    assert measured["measured"]["spearman>=0.9"] == report["clauses"][0]["measured"] and measured["texts"] == report["texts"]
    assert "precisions" in hasten.ok("inspect", output)


def test_verify_compares_the_plan_with_fp32_by_default(hasten, tuned):
    output, _ = tuned
    report = json.loads(hasten.ok("verify", output, "--input", TWEETS, "--json", "--budget", "spearman>=0.9"))
    assert "int8" in report["b"]["description"] and "fp32" in report["a"]["description"]


def test_a_budget_between_bf16_and_int8_keeps_some_products_out(hasten, sentiment, tmp_path):
    loose = tune(hasten, sentiment.converted, "--input", TWEETS, "--budget", "logit<=10")
    figures = {point["plan"]: point["measured"] for point in loose["points"]}
    if "bf16" not in figures:
        pytest.skip("this processor has no bf16")
    between = (figures["bf16"] + figures["int8"]) / 2
    page = tmp_path / "tune.html"
    report = tune_where_lower_is_faster(hasten, sentiment.converted, "--input", TWEETS, "--budget", f"logit<={between}",
                                        "--html", page)
    assert {"int8", "bf16"} == set(report["products"].values())
    assert report["clauses"][0]["measured"] <= between
    assert len(report["points"]) >= 4
    content = page.read_text(encoding="utf-8")
    assert content.count("<figure") == 2 and "<script" not in content
    with open(TWEETS, encoding="utf-8", newline="") as file:
        texts = [row["text"] for row in csv.DictReader(file)]
    assert len(texts) > 100
    assert not [text for text in texts if len(text) > 12 and (text in content or text in json.dumps(report, ensure_ascii=False))]
    assert content.count("<tr>") > len(report["products"]) - 4


def test_a_budget_that_bf16_fails_mixes_it_with_fp32(hasten, sentiment):
    loose = tune(hasten, sentiment.converted, "--input", TWEETS, "--budget", "logit<=10")
    figures = {point["plan"]: point["measured"] for point in loose["points"]}
    if "bf16" not in figures:
        pytest.skip("this processor has no bf16")
    report = tune_where_lower_is_faster(hasten, sentiment.converted, "--input", TWEETS,
                                        "--budget", f"logit<={figures['bf16'] * 0.8}")
    assert {"bf16", "fp32"} == set(report["products"].values()), report["plan"]
    assert all(clause["holds"] for clause in report["clauses"]) and any("int8 is left out" in note for note in report["notes"])
    assert {each["precision"] for each in report["sensitivities"]} == {"bf16"}


def test_a_budget_of_equality_gives_fp32(hasten, sentiment):
    report = tune(hasten, sentiment.converted, "--input", TWEETS, "--budget", "logit<=0")
    assert report["plan"] == "fp32" and report["speed_over_fp32"] == pytest.approx(1, abs=0.5)


def test_the_input_may_be_a_folder_and_the_output_stays_a_model_of_any_runtime(hasten, tmp_path):
    import onnxruntime
    output = tmp_path / "tuned.onnx"
    tune(hasten, SENTIMENT, "--input", TWEETS, "--output", output, "--budget", "spearman>=0.9", "--limit", "100")
    onnxruntime.InferenceSession(output, providers=["CPUExecutionProvider"])


@pytest.mark.parametrize("arguments, code, told", [
    ([SENTIMENT / "absent", "--input", TWEETS], 3, "no such file"), ([SENTIMENT], 2, "no texts"),
    ([SENTIMENT, "--input", TWEETS, "--budget", "spearman@10000>=1"], 2, "depth 10000"),
    ([SENTIMENT, "--input", TWEETS, "--time-limit", "-1"], 2, "time-limit"),
    ([SENTIMENT, "--input", TWEETS, "--budget", "spaerman>=0.9"], 2, "spaerman"),
    ([SENTIMENT, "--input", TWEETS, "--budget", "spearman[hate]>=0.9"], 2, "hate")])
def test_what_cannot_be_tuned_says_why(hasten, tmp_path, arguments, code, told):
    done = hasten("tune", *arguments, "--output", tmp_path / "out.onnx")
    assert done.returncode == code and told in done.stderr
    assert not (tmp_path / "out.onnx").exists()


@pytest.mark.parametrize("flag", ["--output", "--html"])
def test_a_place_that_cannot_be_written_is_refused_before_the_work(hasten, tmp_path, flag):
    for place in (tmp_path / "absent" / "file", tmp_path):
        done = hasten("tune", SENTIMENT, "--input", tmp_path / "texts that nobody reads.txt", flag, place)
        assert done.returncode == 7 and str(place) in done.stderr, done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_search_without_time_still_ends_with_a_plan_that_holds(hasten, sentiment):
    loose = tune_where_lower_is_faster(hasten, sentiment.converted, "--input", TWEETS, "--budget", "logit<=10")
    budget = f"logit<={loose['clauses'][0]['measured'] / 2}"
    report = tune_where_lower_is_faster(hasten, sentiment.converted, "--input", TWEETS, "--budget", budget,
                                        "--time-limit", "0.001")
    assert all(clause["holds"] for clause in report["clauses"])
    assert any("time limit" in note for note in report["notes"])

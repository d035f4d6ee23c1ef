"""Long texts as simpletransformers' predict() treats them: windows, their logits, their vote."""

import json
import shutil

import numpy
import pytest

from conftest import ROOT, read_json_lines, write_json_lines

GOLDENS = ROOT / "tests" / "goldens" / "sliding_windows"


@pytest.fixture(params=["bert", "roberta", "regression"])
def case(request, hasten, tmp_path):
    folder = GOLDENS / request.param
    goldens = read_json_lines(folder / "golden.jsonl")
    hasten.ok("convert", folder, tmp_path / "model.onnx")
    return folder, tmp_path / "model.onnx", goldens, write_json_lines(tmp_path / "texts.jsonl", goldens)


def test_windows_votes_and_means_are_simpletransformers(hasten, case):
    folder, converted, goldens, texts = case
    labels = json.loads(hasten.ok("inspect", converted, "--json"))["labels"]
    for model in (folder, converted):
        rows = hasten.json_lines("predict", model, "--input", texts, "--json")
        for row, golden in zip(rows, goldens, strict=True):
            assert row["token_count"] == sum(len(ids) for ids in golden["windows"])
            assert not row["truncated"]
            numpy.testing.assert_allclose(row["logits"], golden["logits"], rtol=0, atol=2e-5)
            if len(golden["windows"]) == 1:
                assert "window_logits" not in row
            else:
                numpy.testing.assert_allclose(row["window_logits"], golden["window_logits"], rtol=0, atol=2e-5)
            assert row["label"] == labels[golden["label"]]


def test_batch_mates_and_threads_change_nothing(hasten, case):
    _, converted, goldens, texts = case
    together = hasten.json_lines("predict", converted, "--input", texts, "--json", "--threads", "3")
    for number in (0, 7, len(goldens) - 1):
        alone = hasten.json_lines("predict", converted, goldens[number]["text"], "--json", "--threads", "1")
        assert alone[0]["logits"] == together[number]["logits"]
        assert alone[0].get("window_logits") == together[number].get("window_logits")


def test_a_pair_is_refused(hasten, case, tmp_path):
    pair = write_json_lines(tmp_path / "pair.jsonl", [{"text": "one", "text_pair": "two"}])
    done = hasten("predict", case[1], "--input", pair)
    assert done.returncode == 2
    assert "sliding windows" in done.stderr


def test_windows_without_room_are_refused(hasten, case):
    done = hasten("predict", case[1], "text", "--max-length", "3")
    assert done.returncode == 2


def test_a_forged_tie_is_refused(hasten, tmp_path):
    model = tmp_path / "model.onnx"
    hasten.ok("convert", GOLDENS / "bert", model)
    content = model.read_bytes()
    entry = b"hasten.tie_value\x12\x01"
    assert content.count(entry + b"2") == 1
    model.write_bytes(content.replace(entry + b"2", entry + b"9"))
    done = hasten("predict", model, "text")
    assert done.returncode == 4 and "class 9 of 4" in done.stderr


def test_thresholds_choose_the_labels_of_a_multi_label_model(hasten, tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(GOLDENS / "bert", folder)
    (folder / "model_args.json").write_text(json.dumps(
        {"model_class": "MultiLabelClassificationModel", "threshold": [0.1, 0.9, 0.5, 0.5]}))
    rows = hasten.json_lines("predict", folder, "--input", write_json_lines(
        tmp_path / "texts.jsonl", read_json_lines(GOLDENS / "bert" / "golden.jsonl")[:10]), "--json")
    for row in rows:
        chosen = [name for name, probability, threshold in zip(
            ("LABEL_0", "LABEL_1", "LABEL_2", "LABEL_3"), row["probabilities"], (0.1, 0.9, 0.5, 0.5))
            if probability >= threshold]
        assert row["labels"] == chosen
    assert len({tuple(row["labels"]) for row in rows}) > 1

"""Ids and logits equal PyTorch's, from the folder, the converted and the optimised file alike."""

import numpy
import pytest

FORMS = ["folder", "converted", "optimized"]


def largest_difference(rows, goldens):
    return max(numpy.abs(numpy.subtract(row["logits"], golden["logits"])).max()
               for row, golden in zip(rows, goldens, strict=True))


@pytest.mark.parametrize("form", FORMS)
def test_ids_are_equal_on_every_row(hasten, model, form):
    rows = hasten.json_lines("tokenize", model.path(form), "--input", model.texts, "--json")
    for row, golden in zip(rows, model.goldens, strict=True):
        assert row["ids"] == golden["ids"], golden["text"]
        assert len(row["tokens"]) == len(row["type_ids"]) == len(row["ids"])


@pytest.mark.parametrize("form", FORMS)
def test_logits_are_within_1e_5_on_every_row(hasten, model, form):
    rows = hasten.json_lines("predict", model.path(form), "--input", model.texts, "--json")
    assert largest_difference(rows, model.goldens) <= 1e-5
    for row, golden in zip(rows, model.goldens, strict=True):
        assert row["token_count"] == len(golden["ids"])


def test_the_three_sentences_give_pytorchs_scores(hasten, sentiment):
    goldens = sentiment.goldens[:3]
    texts = [golden["text"] for golden in goldens]
    assert texts == ["Today is the first day of my new job, so excited", "Hello I love you", "This is a test"]
    rows = hasten.json_lines("predict", sentiment.folder, *texts, "--json")
    assert largest_difference(rows, goldens) <= 2e-6


@pytest.mark.parametrize("form", ["converted", "optimized"])
def test_onnx_runtime_opens_the_file_and_agrees(hasten, model, form):
    onnxruntime = pytest.importorskip("onnxruntime")
    session = onnxruntime.InferenceSession(model.path(form), providers=["CPUExecutionProvider"])
    names = {value.name for value in session.get_inputs()}
    tokens = hasten.json_lines("tokenize", model.folder, "--input", model.texts, "--json")
    for golden, row in zip(model.goldens, tokens, strict=True):
        ids, types = (numpy.array([row[key]], dtype=numpy.int64) for key in ("ids", "type_ids"))
        inputs = {"input_ids": ids, "attention_mask": numpy.ones_like(ids), "token_type_ids": types}
        logits = session.run(None, {name: inputs[name] for name in names})[0]
        assert numpy.abs(logits[0] - golden["logits"]).max() <= 1e-5


def test_onnx_runtime_agrees_on_a_padded_batch(sentiment):
    onnxruntime = pytest.importorskip("onnxruntime")
    goldens = [golden for golden in sentiment.goldens if "text_pair" not in golden][:16]
    length = max(len(golden["ids"]) for golden in goldens)
    ids = numpy.zeros((len(goldens), length), dtype=numpy.int64)
    mask = numpy.zeros_like(ids)
    for row, golden in enumerate(goldens):
        ids[row, :len(golden["ids"])] = golden["ids"]
        mask[row, :len(golden["ids"])] = 1
    for path in (sentiment.converted, sentiment.optimized):
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        logits = session.run(None, {"input_ids": ids, "attention_mask": mask,
                                    "token_type_ids": numpy.zeros_like(ids)})[0]
        assert numpy.abs(logits - [golden["logits"] for golden in goldens]).max() <= 1e-5

"""The command line of transformers' convert_graph_to_onnx, and opsets of one's choice."""

import json

import numpy
import pytest

from conftest import SENTIMENT

TEXTS = ["I got the job!", "Laid off again."]
CALL = ["--framework", "pt", "--model", SENTIMENT, "--tokenizer", SENTIMENT, "--pipeline", "sentiment-analysis"]


def logits(hasten, model):
    return numpy.array([row["logits"] for row in hasten.json_lines("predict", model, *TEXTS, "--json")])


def opsets(hasten, model):
    return json.loads(hasten.ok("inspect", model, "--json"))["opsets"][""]


def test_three_files_are_written(hasten, tmp_path):
    onnxruntime = pytest.importorskip("onnxruntime")
    hasten.ok("convert", *CALL, "--opset", "11", "--check-loading", "--quantize", tmp_path / "OUT.onnx")
    names = ["OUT-optimized-quantized.onnx", "OUT-optimized.onnx", "OUT.onnx"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    expected = logits(hasten, SENTIMENT)
    for name, tolerance in zip(names, (0.1, 1e-5, 1e-5)):
        assert numpy.abs(logits(hasten, tmp_path / name) - expected).max() <= tolerance
        session = onnxruntime.InferenceSession(str(tmp_path / name), providers=["CPUExecutionProvider"])
        assert [each.name for each in session.get_outputs()] == ["output_0"]
    assert opsets(hasten, tmp_path / "OUT.onnx") == 11


@pytest.mark.parametrize("opset", [11, 12, 13, 15, 17])
def test_every_opset_gives_the_same_in_onnx_runtime(hasten, tmp_path, opset):
    onnxruntime = pytest.importorskip("onnxruntime")
    hasten.ok("convert", SENTIMENT, tmp_path / "model.onnx", "--opset", str(opset))
    assert opsets(hasten, tmp_path / "model.onnx") == opset
    session = onnxruntime.InferenceSession(str(tmp_path / "model.onnx"), providers=["CPUExecutionProvider"])
    tokens = hasten.json_lines("tokenize", SENTIMENT, *TEXTS, "--json")
    for row, expected in zip(tokens, logits(hasten, SENTIMENT), strict=True):
        ids = numpy.array([row["ids"]], dtype=numpy.int64)
        every = {"input_ids": ids, "attention_mask": numpy.ones_like(ids), "token_type_ids": numpy.zeros_like(ids)}
        given = session.run(None, {each.name: every[each.name] for each in session.get_inputs()})[0]
        numpy.testing.assert_allclose(given[0], expected, rtol=0, atol=1e-4)


def test_weights_may_lie_beside_the_file(hasten, tmp_path):
    hasten.ok("convert", *CALL, "--use-external-format", tmp_path / "OUT.onnx")
    assert len(list(tmp_path.iterdir())) == 2
    assert numpy.array_equal(logits(hasten, tmp_path / "OUT.onnx"), logits(hasten, SENTIMENT))


@pytest.mark.parametrize("flags, code, message", [
    (("--framework", "tf"), 5, "TensorFlow checkpoints are not read"),
    (("--framework", "jax"), 2, "Give pt"),
    (("--pipeline", "ner"), 5, "text classifiers"),
    (("--pipeline", "nerr"), 2, "sentiment-analysis"),
    (("--opset", "10"), 2, "from 11 to 17"),
    (("--opset", "18"), 2, "from 11 to 17"),
    (("--tokenizer", "/no/such/folder"), 3, "/no/such/folder"),
])
def test_what_is_refused_says_why(hasten, tmp_path, flags, code, message):
    done = hasten("convert", "--model", SENTIMENT, *flags, tmp_path / "OUT.onnx")
    assert done.returncode == code and message in done.stderr, done.stderr
    assert list(tmp_path.iterdir()) == []


def test_arguments_are_needed(hasten, tmp_path):
    assert hasten("convert").returncode == 2
    assert hasten("convert", SENTIMENT).returncode == 2
    assert hasten("convert", "--model", SENTIMENT).returncode == 2
    assert hasten("convert", "--model", SENTIMENT, SENTIMENT, tmp_path / "OUT.onnx").returncode == 2

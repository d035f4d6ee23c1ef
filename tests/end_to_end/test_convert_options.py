"""What `hasten convert` lets its user choose: the weights' storage and the function to apply."""

import json
import shutil

import numpy
import pytest

from conftest import ROOT, read_json_lines

TINY = ROOT / "tests" / "goldens" / "sliding_windows" / "roberta"
TEXTS = [row["text"] for row in read_json_lines(TINY / "golden.jsonl")[:8]]


def rewrite_weights(path, change, dtype):
    """Applies `change` to every tensor of a float32 safetensors file and stores them as `dtype`."""
    content = path.read_bytes()
    size = int.from_bytes(content[:8], "little")
    header = json.loads(content[8:8 + size])
    data, changed, offset = content[8 + size:], b"", 0
    header.pop("__metadata__", None)
    for entry in header.values():
        begin, end = entry["data_offsets"]
        piece = change(numpy.frombuffer(data[begin:end], dtype=numpy.float32)).tobytes()
        entry.update(dtype=dtype, data_offsets=[offset, offset + len(piece)])
        offset += len(piece)
        changed += piece
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + changed)


@pytest.fixture
def half(tmp_path):
    folder = tmp_path / "half"
    shutil.copytree(TINY, folder)
    (folder / "model_args.json").unlink()
    rewrite_weights(folder / "model.safetensors", lambda values: values.astype(numpy.float16), "F16")
    return folder


def test_half_weights_stay_half_or_are_widened_with_equal_scores(hasten, half, tmp_path):
    onnxruntime = pytest.importorskip("onnxruntime")
    kept, widened = tmp_path / "kept.onnx", tmp_path / "widened.onnx"
    hasten.ok("convert", half, kept)
    hasten.ok("convert", half, widened, "--dtype", "fp32")
    sizes = [json.loads(hasten.ok("inspect", model, "--json"))["weight_bytes"] for model in (kept, widened)]
    assert sizes[1] > 1.7 * sizes[0]
    rows = [hasten.json_lines("predict", model, *TEXTS, "--json") for model in (half, kept, widened)]
    assert rows[0] == rows[1] == rows[2]
    tokens = hasten.json_lines("tokenize", half, *TEXTS, "--json")
    for model in (kept, widened):
        session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
        for row, encoded in zip(rows[0], tokens, strict=True):
            ids = numpy.array([encoded["ids"]], dtype=numpy.int64)
            logits = session.run(None, {"input_ids": ids, "attention_mask": numpy.ones_like(ids)})[0]
            numpy.testing.assert_allclose(logits[0], row["logits"], rtol=0, atol=1e-4)


def test_the_chosen_function_is_stored_and_told(hasten, half, tmp_path):
    output = tmp_path / "model.onnx"
    for function in ("sigmoid", "none", "softmax"):
        report = json.loads(hasten.ok("convert", half, output, "--function", function, "--json"))
        assert (report["function"], report["function_reason"]) == (function, "chosen by the user")
        assert json.loads(hasten.ok("inspect", output, "--json"))["function"] == function
        row = hasten.json_lines("predict", output, TEXTS[0], "--json")[0]
        logits = numpy.array(row["logits"], dtype=numpy.float64)
        expected = {"none": logits, "sigmoid": 1 / (1 + numpy.exp(-logits)),
                    "softmax": numpy.exp(logits) / numpy.exp(logits).sum()}[function]
        numpy.testing.assert_allclose(row["probabilities"], expected, rtol=1e-6)


def test_a_choice_stands_in_for_an_activation_that_is_not_known(hasten, half, tmp_path):
    config = json.loads((half / "config.json").read_text())
    config["sentence_transformers"] = {"activation_fn": "my_package.Squash"}
    (half / "config.json").write_text(json.dumps(config))
    assert hasten("convert", half, tmp_path / "model.onnx").returncode == 5
    assert hasten("predict", half, TEXTS[0]).returncode == 5
    hasten.ok("convert", half, tmp_path / "model.onnx", "--function", "none")
    hasten.ok("predict", half, TEXTS[0], "--function", "none")


@pytest.mark.parametrize("flags", [("--dtype", "fp16"), ("--function", "tanh")])
def test_unknown_choices_are_refused(hasten, half, tmp_path, flags):
    done = hasten("convert", half, tmp_path / "model.onnx", *flags)
    assert done.returncode == 2 and "Choose one of" in done.stderr
    assert not (tmp_path / "model.onnx").exists()


def test_a_tokenizer_of_another_model_is_refused_before_anything_is_written(hasten, tmp_path):
    words, output = ROOT / "tests" / "goldens" / "checkpoints" / "half", tmp_path / "model.onnx"
    folder = tmp_path / "checkpoint"
    shutil.copytree(words, folder)
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "BertTokenizer"}')
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    for count, status in ((53, 0), (54, 4)):
        (folder / "vocab.txt").write_text("\n".join([*special, *(f"w{n}" for n in range(count - 5))]) + "\n")
        output.unlink(missing_ok=True)
        done = hasten("convert", folder, output)
        assert done.returncode == status, done.stderr
        assert output.exists() == (status == 0)
    assert "54 ids and the model's embedding table 53 rows" in done.stderr

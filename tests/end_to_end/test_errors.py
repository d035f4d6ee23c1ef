"""Every failure: one clear message, its documented exit code, nothing half-written left behind."""

import json
import shutil

import pytest

from conftest import SENTIMENT, TWEETS

USAGE, NOT_FOUND, MALFORMED, UNSUPPORTED, BAD_DATA, OUTPUT = 2, 3, 4, 5, 6, 7


def check(done, code, *words):
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith("hasten: ")
    assert len(done.stderr.strip().splitlines()) <= 3, done.stderr
    for word in words:
        assert word in done.stderr, done.stderr


@pytest.fixture
def checkpoint(tmp_path):
    folder = tmp_path / "checkpoint"
    shutil.copytree(SENTIMENT, folder)
    return folder


def convert(hasten, folder, tmp_path):
    output = tmp_path / "out" / "model.onnx"
    output.parent.mkdir(exist_ok=True)
    done = hasten("convert", folder, output)
    assert list(output.parent.iterdir()) == [], "a failed conversion leaves nothing behind"
    return done


def edit_config(folder, **changes):
    config = json.loads((folder / "config.json").read_text())
    config.update(changes)
    (folder / "config.json").write_text(json.dumps(config))


def test_a_missing_folder(hasten, tmp_path):
    check(convert(hasten, tmp_path / "absent", tmp_path), NOT_FOUND, "absent")


def test_a_missing_model(hasten, tmp_path):
    check(hasten("predict", tmp_path / "absent.onnx", "text"), NOT_FOUND, "absent.onnx")


def test_a_folder_without_weights(hasten, checkpoint, tmp_path):
    (checkpoint / "model.safetensors").unlink()
    check(convert(hasten, checkpoint, tmp_path), NOT_FOUND, "model.safetensors", "pytorch_model.bin")


def test_a_folder_without_config(hasten, checkpoint, tmp_path):
    (checkpoint / "config.json").unlink()
    check(convert(hasten, checkpoint, tmp_path), NOT_FOUND, "config.json")


def test_a_folder_without_tokenizer(hasten, checkpoint, tmp_path):
    for name in ("tokenizer.json", "vocab.txt"):
        (checkpoint / name).unlink()
    check(convert(hasten, checkpoint, tmp_path), NOT_FOUND, "tokenizer.json")


def test_truncated_weights(hasten, checkpoint, tmp_path):
    weights = checkpoint / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])
    check(convert(hasten, checkpoint, tmp_path), MALFORMED, "model.safetensors")


def test_weights_that_are_something_else(hasten, checkpoint, tmp_path):
    (checkpoint / "model.safetensors").write_bytes(b"<html>404 not found</html>" * 10)
    check(convert(hasten, checkpoint, tmp_path), MALFORMED, "model.safetensors")


def test_an_unknown_architecture_lists_the_known_ones(hasten, checkpoint, tmp_path):
    edit_config(checkpoint, architectures=["GPT2ForSequenceClassification"], model_type="gpt2")
    check(convert(hasten, checkpoint, tmp_path), UNSUPPORTED, "GPT2ForSequenceClassification",
          "BertForSequenceClassification")


def test_an_unknown_model_type_is_named(hasten, checkpoint, tmp_path):
    config = json.loads((checkpoint / "config.json").read_text())
    (checkpoint / "config.json").write_text(json.dumps(config | {"model_type": "llama"}))
    check(hasten("convert", checkpoint, tmp_path / "x.onnx"), UNSUPPORTED, "config.json", "model type llama")


def test_a_setting_of_another_kind_says_where(hasten, checkpoint, tmp_path):
    config = json.loads((checkpoint / "config.json").read_text())
    (checkpoint / "config.json").write_text(json.dumps(config | {"layer_norm_eps": "small"}))
    check(hasten("convert", checkpoint, tmp_path / "x.onnx"), MALFORMED, str(checkpoint), "layer_norm_eps")


@pytest.mark.parametrize("verb", ["convert", "predict"])
def test_gguf_weights_are_named(hasten, tmp_path, verb):
    (tmp_path / "model.gguf").write_bytes(b"GGUF" + bytes(100))
    check(hasten(verb, tmp_path / "model.gguf", tmp_path / "x.onnx"), UNSUPPORTED, "GGUF")


def test_a_model_without_classifier_head(hasten, checkpoint, tmp_path):
    weights = checkpoint / "model.safetensors"
    data = weights.read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = data[8:8 + size].replace(b'"classifier.weight"', b'"classifierXweight"')
    weights.write_bytes(data[:8] + header + data[8 + size:])
    check(convert(hasten, checkpoint, tmp_path), MALFORMED, "classifier.weight")


def test_remote_code_is_refused(hasten, checkpoint, tmp_path):
    edit_config(checkpoint, auto_map={"AutoModel": "modeling.Model"})
    check(convert(hasten, checkpoint, tmp_path), UNSUPPORTED, "auto_map")


def test_quantised_weights_are_refused(hasten, checkpoint, tmp_path):
    edit_config(checkpoint, quantization_config={"quant_method": "bitsandbytes"})
    check(convert(hasten, checkpoint, tmp_path), UNSUPPORTED, "quantization_config")


def test_an_adapter_is_refused(hasten, checkpoint, tmp_path):
    (checkpoint / "adapter_config.json").write_text('{"peft_type": "LORA"}')
    check(convert(hasten, checkpoint, tmp_path), UNSUPPORTED, "adapter_config.json")


def test_a_damaged_config(hasten, checkpoint, tmp_path):
    (checkpoint / "config.json").write_text('{"architectures": [')
    check(convert(hasten, checkpoint, tmp_path), MALFORMED, "config.json")


def test_an_output_that_cannot_be_written(hasten, checkpoint, tmp_path):
    check(hasten("convert", checkpoint, tmp_path / "absent" / "model.onnx"), OUTPUT, "absent")


@pytest.mark.parametrize("output", ["-", "/dev/stdout"])
def test_a_model_is_no_stream(hasten, checkpoint, output):
    check(hasten("convert", checkpoint, output), OUTPUT, "not a regular file")


def test_a_truncated_onnx_file(hasten, sentiment, tmp_path):
    path = tmp_path / "cut.onnx"
    path.write_bytes(sentiment.converted.read_bytes()[:-5000])
    check(hasten("predict", path, "text"), MALFORMED, "cut.onnx")


def test_a_file_that_is_no_onnx(hasten, tmp_path):
    path = tmp_path / "text.onnx"
    path.write_text("this is not a model\n" * 100)
    check(hasten("inspect", path), MALFORMED, "text.onnx")


def test_a_failed_optimisation_leaves_the_file_as_it_was(hasten, tmp_path):
    path = tmp_path / "text.onnx"
    path.write_text("this is not a model\n" * 100)
    check(hasten("optimize", path, path), MALFORMED)
    assert path.read_text() == "this is not a model\n" * 100
    assert [entry.name for entry in tmp_path.iterdir()] == ["text.onnx"]


def test_a_text_column_that_is_not_there(hasten, sentiment):
    check(hasten("predict", sentiment.converted, "--input", TWEETS, "--text-column", "txt"),
          BAD_DATA, "txt", "tweet_id", "text")


def test_an_unknown_input_extension(hasten, sentiment, tmp_path):
    path = tmp_path / "texts.xlsx"
    path.write_text("x")
    check(hasten("predict", sentiment.converted, "--input", path), USAGE, ".xlsx", "csv")


def test_misspelt_verbs_and_flags(hasten, sentiment):
    check(hasten("convrt", "a", "b"), USAGE, "no verb 'convrt'", "Did you mean 'convert'?")
    check(hasten("predict", sentiment.converted, "text", "--treads", "2"), USAGE, "Did you mean '--threads'?")


def test_a_maximum_length_beyond_the_positions(hasten, sentiment):
    check(hasten("predict", sentiment.converted, "text", "--max-length", 100000), USAGE, "100000", "positions")


@pytest.mark.parametrize("flag, value", [("--precision", "int4"), ("--function", "relu"), ("--isa", "mmx")])
def test_unknown_settings_list_the_known_ones(hasten, sentiment, flag, value):
    check(hasten("predict", sentiment.converted, "text", flag, value), USAGE, value)


def test_no_texts(hasten, sentiment):
    check(hasten("predict", sentiment.converted), USAGE, "no text")


def test_texts_both_ways(hasten, sentiment):
    check(hasten("predict", sentiment.converted, "text", "--input", TWEETS), USAGE, "--input")


def test_a_full_disk_is_no_success(hasten, sentiment):
    with open("/dev/full", "w") as full:
        import subprocess
        done = subprocess.run([hasten.program, "predict", str(sentiment.converted), "a text", "--json"],
                              stdout=full, stderr=subprocess.PIPE, text=True)
    check(done, OUTPUT, "standard output")

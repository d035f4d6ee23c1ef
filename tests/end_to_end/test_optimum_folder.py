"""Folders that Optimum exports: an ONNX file, or several, beside a tokenizer and config.json."""

import json
import shutil

import pytest

from conftest import SENTIMENT

TEXTS = ["I got the job!", "Laid off again."]
SETTINGS = ["config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt", "vocab.json",
            "merges.txt", "model_args.json", "sentencepiece.bpe.model"]


@pytest.fixture(scope="module")
def bare(hasten, tmp_path_factory):
    """The bundled model's graph without Hasten's metadata, as other exporters write it."""
    path = tmp_path_factory.mktemp("bare") / "model.onnx"
    hasten.ok("convert", SENTIMENT, path)
    content = path.read_bytes()
    path.write_bytes(without_metadata(content))
    return path


def varint(content, at):
    value = shift = 0
    while True:
        byte = content[at]
        value, shift, at = value | (byte & 0x7F) << shift, shift + 7, at + 1
        if byte < 0x80:
            return value, at


def without_metadata(content):
    """A ModelProto less its metadata_props (field 14)."""
    kept, at = b"", 0
    while at < len(content):
        begin = at
        key, at = varint(content, at)
        if key & 7 == 0:
            _, at = varint(content, at)
        else:
            length, at = varint(content, at)
            at += length
        if key >> 3 != 14:
            kept += content[begin:at]
    return kept


def make_folder(folder, bare, names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(bare, folder / name)
    for name in SETTINGS:
        if (SENTIMENT / name).exists():
            shutil.copy(SENTIMENT / name, folder / name)
    return folder


def logits(hasten, model, *flags):
    return [row["logits"] for row in hasten.json_lines("predict", model, *TEXTS, "--json", *flags)]


@pytest.mark.parametrize("names", [["model.onnx"], ["model_quantized.onnx", "model.onnx"], ["onnx/model.onnx"],
                                   ["model_quantized.onnx"], ["encoder.onnx"]])
def test_a_folder_is_opened_as_the_checkpoint_would_be(hasten, bare, tmp_path, names):
    folder = make_folder(tmp_path / "folder", bare, names)
    expected = logits(hasten, SENTIMENT)
    for model in (folder, *(folder / name for name in names)):
        assert logits(hasten, model) == expected
    rows = hasten.json_lines("predict", folder, *TEXTS, "--json")
    assert [row["label"] for row in rows] == [row["label"] for row in hasten.json_lines("predict", SENTIMENT, *TEXTS, "--json")]
    assert json.loads(hasten.ok("inspect", folder, "--json"))["kind"] == "ONNX file"
    assert hasten.ok("tokenize", folder, *TEXTS) == hasten.ok("tokenize", SENTIMENT, *TEXTS)


def test_an_optimised_folder_becomes_a_file_of_its_own(hasten, bare, tmp_path):
    folder = make_folder(tmp_path / "folder", bare, ["model.onnx"])
    (tmp_path / "alone").mkdir()
    hasten.ok("optimize", folder, tmp_path / "alone" / "out.onnx")
    for a, b in zip(logits(hasten, tmp_path / "alone" / "out.onnx"), logits(hasten, SENTIMENT), strict=True):
        assert max(abs(x - y) for x, y in zip(a, b)) <= 1e-5


def test_a_bare_file_takes_the_tokenizer_that_is_named(hasten, bare, tmp_path):
    done = hasten("predict", bare, *TEXTS)
    assert done.returncode == 5 and "--tokenizer FOLDER" in done.stderr
    assert logits(hasten, bare, "--tokenizer", SENTIMENT) == logits(hasten, SENTIMENT)
    hasten.ok("optimize", bare, tmp_path / "out.onnx", "--tokenizer", SENTIMENT)
    assert hasten.ok("tokenize", tmp_path / "out.onnx", *TEXTS) == hasten.ok("tokenize", SENTIMENT, *TEXTS)
    for folder in (tmp_path / "none", tmp_path):
        done = hasten("predict", bare, *TEXTS, "--tokenizer", folder)
        assert done.returncode == 3 and str(folder) in done.stderr


def test_several_files_of_other_names_are_not_chosen_among(hasten, bare, tmp_path):
    folder = make_folder(tmp_path / "folder", bare, ["a.onnx", "b.onnx"])
    done = hasten("predict", folder, *TEXTS)
    assert done.returncode == 2 and "a.onnx" in done.stderr


def test_weights_beside_the_file_make_it_a_checkpoint(hasten, bare, tmp_path):
    folder = tmp_path / "folder"
    shutil.copytree(SENTIMENT, folder)
    shutil.copy(bare, folder / "model.onnx")
    assert json.loads(hasten.ok("inspect", folder, "--json"))["kind"] == "checkpoint folder"
    assert logits(hasten, folder / "model.onnx") == logits(hasten, SENTIMENT)


def test_texts_are_cut_to_the_positions_of_the_graph(hasten, bare, tmp_path):
    folder = make_folder(tmp_path / "folder", bare, ["model.onnx"])
    config = json.loads((folder / "config.json").read_text())
    positions = config.pop("max_position_embeddings")
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "tokenizer_config.json").unlink(missing_ok=True)
    (folder / "model_args.json").unlink(missing_ok=True)
    row = hasten.json_lines("predict", folder, "word " * 2 * positions, "--json")[0]
    assert row["truncated"] and row["token_count"] <= positions

"""Folders as slow tokenizers save them, without tokenizer.json: ids equal, logits PyTorch's, file and folder."""

import numpy
import pytest

from conftest import ROOT, read_json_lines, write_json_lines

GOLDENS = ROOT / "tests" / "goldens" / "whole_folders"


@pytest.mark.parametrize("name", ["xlnet", "rembert", "big_bird", "herbert", "xlm", "flaubert"])
def test_ids_and_logits_are_those_of_transformers(hasten, tmp_path, name):
    goldens = read_json_lines(GOLDENS / name / "golden.jsonl")
    texts = write_json_lines(tmp_path / "texts.jsonl", goldens)
    hasten.ok("convert", GOLDENS / name, tmp_path / "model.onnx")
    for model in (GOLDENS / name, tmp_path / "model.onnx"):
        flags = ("--input", texts, "--max-length", "64", "--json")
        tokens = hasten.json_lines("tokenize", model, *flags)
        for row, golden in zip(tokens, goldens, strict=True):
            assert row["ids"] == golden["ids"], golden["text"]
            assert row["type_ids"] == golden["type_ids"], golden["text"]
        for row, golden in zip(hasten.json_lines("predict", model, *flags), goldens, strict=True):
            numpy.testing.assert_allclose(row["logits"], golden["logits"], rtol=0, atol=2e-5)

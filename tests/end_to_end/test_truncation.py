"""A file that was cut short is never taken for a whole one, wherever it was cut.

Every kind of weights file and of settings is cut at each of its bytes by src/checkpoint/truncation_test.cpp; here the
whole program reads the ONNX file, and the tokenizer's and the model's files in their folders.
HASTEN_TEST_SANITIZED: more random places than in a quick run, 1,000 of the ONNX file.
"""

import os
import random
import shutil

import pytest

from conftest import ROOT, SENTIMENT

FOLDERS = ROOT / "tests" / "goldens" / "whole_folders"
GOLDEN = FOLDERS / "herbert"
ERRORS = {4, 5}  # malformed, unsupported
SANITIZED = bool(os.environ.get("HASTEN_TEST_SANITIZED"))
ONNX_PLACES = 1000 if SANITIZED else 100
FOLDER_PLACES = 100 if SANITIZED else 30

# Of text files with an item a line (vocab.txt, merges.txt) every beginning is a whole file.
FILES = [
    *((SENTIMENT, name) for name in ("model.safetensors", "config.json", "tokenizer.json", "tokenizer_config.json")),
    *((GOLDEN, name) for name in ("vocab.json", "special_tokens_map.json", "added_tokens.json")),
    (FOLDERS / "rembert", "sentencepiece.model"),
    (FOLDERS / "xlnet", "spiece.model"),
]


def read_varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def field_starts(data):
    """Where the fields of a protobuf message start: cut there, it is a message still."""
    at = 0
    while at < len(data):
        yield at
        key, at = read_varint(data, at)
        if key & 7 == 2:
            length, at = read_varint(data, at)
            at += length
        else:
            _, at = read_varint(data, at)


def some_of(places, count, seed=1):
    places = list(places)
    return random.Random(seed).sample(places, min(count, len(places)))


def refused(hasten, model, place):
    done = hasten("predict", model, "a text")
    assert done.returncode in ERRORS, (place, done.stdout, done.stderr)
    assert not done.stdout


def test_a_cut_model_is_refused_at_every_field_and_at_random_places(hasten, tmp_path, record_property):
    whole, cut = tmp_path / "whole.onnx", tmp_path / "cut.onnx"
    hasten.ok("convert", GOLDEN, whole)
    data = whole.read_bytes()
    places = [*field_starts(data), *range(1, 40), len(data) - 1]
    assert len(places) > 60
    places += some_of(range(len(data)), ONNX_PLACES)
    for place in places:
        cut.write_bytes(data[:place])
        refused(hasten, cut, place)
    assert hasten("predict", whole, "a text").returncode == 0
    record_property("the same ONNX file cut at every field, in its header and at random: refused", len(places))


@pytest.mark.parametrize(("folder", "name"), FILES, ids=lambda part: getattr(part, "name", part))
def test_a_folder_with_a_cut_file_is_refused(hasten, tmp_path, record_property, folder, name):
    copy = shutil.copytree(folder, tmp_path / "model")
    data = (folder / name).read_bytes()
    places = [0, *some_of(range(len(data.rstrip())), FOLDER_PLACES)]
    if name.endswith(".model"):
        starts = list(field_starts(data))
        places += [starts[-1], *some_of(starts[:-1], FOLDER_PLACES)]
    for place in places:
        (copy / name).write_bytes(data[:place])
        refused(hasten, copy, place)
    (copy / name).write_bytes(data)
    assert hasten("predict", copy, "a text").returncode == 0
    record_property(f"{folder.name}/{name} cut at random: refused", len(places))

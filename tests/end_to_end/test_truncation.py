"""An ONNX file that was cut short is never taken for a whole one, wherever it was cut."""

import random

from conftest import ROOT

GOLDEN = ROOT / "tests" / "goldens" / "whole_folders" / "herbert"
ERRORS = {4, 5}  # malformed, unsupported


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


def test_a_cut_model_is_refused_at_every_field_and_at_random_places(hasten, tmp_path, record_property):
    whole, cut = tmp_path / "whole.onnx", tmp_path / "cut.onnx"
    hasten.ok("convert", GOLDEN, whole)
    data = whole.read_bytes()
    places = [*field_starts(data), *range(1, 40), len(data) - 1]
    assert len(places) > 60
    places += random.Random(1).sample(range(len(data)), 100)
    for place in places:
        cut.write_bytes(data[:place])
        done = hasten("predict", cut, "a text")
        assert done.returncode in ERRORS, (place, done.stderr)
        assert not done.stdout
    assert hasten("predict", whole, "a text").returncode == 0
    record_property("the same ONNX file cut at every field, in its header and at random: refused", len(places))

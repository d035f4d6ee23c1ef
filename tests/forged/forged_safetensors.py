"""Forged safetensors files."""

import json
import struct

import tiny_bert
from case import Case


def layout():
    """The header of the tiny model, as a dictionary, and the tensors' bytes."""
    header, data = {}, b""
    for name, (shape, values) in tiny_bert.tensors().items():
        header[name] = {
            "dtype": "F32",
            "shape": list(shape),
            "data_offsets": [len(data), len(data) + len(values)],
        }
        data += values
    return header, data


def pack(header, data, length=None):
    encoded = header if isinstance(header, bytes) else json.dumps(header).encode()
    return {
        "model.safetensors": struct.pack("<Q", len(encoded) if length is None else length)
        + encoded
        + data
    }


def entry(dtype="F32", shape=(1,), offsets=(0, 4)):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}


def raw(text, data=b"\0" * 4):
    return pack(text if isinstance(text, bytes) else text.encode(), data)


def sparse(path):
    """Announces a header of 100,000,001 bytes and has them, as a hole."""
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", 100_000_001) + b"{")
        file.truncate(100_000_100)


def lengths():
    header, data = layout()
    yield Case("safetensors_control", "ok", "", pack(header, data))
    yield Case(
        "safetensors_metadata_control",
        "ok",
        "",
        pack({"__metadata__": {"format": "pt", "a\n\u00e9": '"\\'}, **header}, data),
    )
    for framework in ("tf", "flax"):
        yield Case(f"safetensors_{framework}", "unsupported", f"from_{framework}=True",
                   pack({"__metadata__": {"format": framework}, **header}, data))
    yield Case(
        "safetensors_padded_control", "ok", "", pack(json.dumps(header).encode() + b"  ", data)
    )
    yield Case("safetensors_empty", "malformed", "empty", {"model.safetensors": b""})
    for size in (1, 7, 8):
        yield Case(
            f"safetensors_{size}_bytes",
            "malformed",
            "",
            {"model.safetensors": b"\x02" + b"\0" * (size - 1)},
        )
    for label, length in {
        "zero": 0,
        "past_the_end": 10**6,
        "2_63": 2**63,
        "all_ones": 2**64 - 1,
        "one_short": None,
    }.items():
        if length is None:
            length = len(json.dumps(header)) - 1
        yield Case(
            f"safetensors_header_length_{label}", "malformed", "header", pack(header, data, length)
        )
    yield Case(
        "safetensors_header_length_limit", "malformed", "announced", {"model.safetensors": sparse}
    )
    yield Case(
        "safetensors_bytes_at_the_end", "malformed", "follow the header", pack(header, data + b"\0")
    )
    yield Case(
        "safetensors_bytes_missing", "malformed", "follow the header", pack(header, data[:-1])
    )
    yield Case("safetensors_no_data", "malformed", "follow the header", pack(header, b""))


def offsets():
    forged = {
        "overlap": ({"a": entry(), "b": entry(offsets=(0, 4))}, 4, "lies at bytes 0 to 4"),
        "partial_overlap": (
            {"a": entry(offsets=(0, 8), shape=(2,)), "b": entry(offsets=(4, 8))},
            8,
            "lies at",
        ),
        "hole": (
            {"a": entry(), "b": entry(offsets=(8, 12))},
            12,
            "lies at bytes 8 to 12 where byte 4",
        ),
        "hole_at_the_front": ({"a": entry(offsets=(4, 8))}, 8, "lies at bytes 4 to 8 where byte 0"),
        "backwards": ({"a": entry(offsets=(4, 0))}, 4, "lies at bytes 4 to 0"),
        "past_the_end": ({"a": entry(offsets=(0, 2**62), shape=(2**60,))}, 4, "follow the header"),
        "shape_too_large": ({"a": entry(shape=(2,))}, 4, "cannot lie in 4 bytes"),
        "shape_too_small": ({"a": entry(shape=())}, 8, "follow the header"),
        "shape_of_zero": ({"a": entry(shape=(0, 5))}, 4, "cannot lie in 4 bytes"),
        "shape_that_wraps": (
            {"a": entry(shape=(4194305, 4194305, 211106198978564))},
            4,
            "cannot lie in",
        ),
        "bytes_that_wrap": ({"a": entry(shape=(2**61 + 1,))}, 4, "cannot lie in"),
        "name_empty": ({"": entry()}, 4, "no tensor's name"),
        "name_with_newline": ({"a\nb": entry()}, 4, "no tensor's name"),
        "name_too_long": ({"x" * 100_000: entry()}, 4, "no tensor's name"),
    }
    for label, (header, size, message) in forged.items():
        yield Case(f"safetensors_{label}", "malformed", message, pack(header, b"\0" * size))
    for dtype in ("F8_E4M3", "F8_E5M2", "F4", "C64", "f32", "", "\u202e" * 500):
        label = dtype.lower() if dtype.isascii() and dtype else f"odd_{len(dtype)}"
        label += "_lower" if dtype == "f32" else ""
        yield Case(
            f"safetensors_type_{label}",
            "unsupported",
            "is of type",
            pack({"a": entry(dtype)}, b"\0" * 4),
        )


def grammar():
    good = '"dtype":"F32","shape":[1],"data_offsets":[0,4]'
    texts = {
        "array": "[{}]",
        "number": "{1}",
        "no_brace": '{"a":{' + good + "}",
        "two_objects": '{"a":{' + good + "}}{}",
        "unquoted_key": "{a:{" + good + "}}",
        "single_quotes": "{'a':{" + good + "}}",
        "trailing_comma": '{"a":{' + good + "},}",
        "comment": '{/**/"a":{' + good + "}}",
        "missing_colon": '{"a"{' + good + "}}",
        "entry_is_null": '{"a":null}',
        "entry_is_array": '{"a":[]}',
        "missing_key": '{"a":{"dtype":"F32","shape":[1]}}',
        "extra_key": '{"a":{' + good + ',"x":1}}',
        "key_twice": '{"a":{"dtype":"F32",' + good + "}}",
        "entry_empty": '{"a":{}}',
        "shape_is_text": '{"a":{"dtype":"F32","shape":"1","data_offsets":[0,4]}}',
        "shape_of_text": '{"a":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}',
        "shape_negative": '{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}',
        "shape_minus_zero": '{"a":{"dtype":"F32","shape":[-0],"data_offsets":[0,0]}}',
        "shape_fraction": '{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}',
        "shape_power": '{"a":{"dtype":"F32","shape":[1e0],"data_offsets":[0,4]}}',
        "shape_leading_zero": '{"a":{"dtype":"F32","shape":[01],"data_offsets":[0,4]}}',
        "shape_2_64": '{"a":{"dtype":"F32","shape":[18446744073709551617],"data_offsets":[0,4]}}',
        "shape_of_17": '{"a":{"dtype":"F32","shape":['
        + ",".join("1" * 17)
        + '],"data_offsets":[0,4]}}',
        "shape_unclosed": '{"a":{"dtype":"F32","shape":[1,"data_offsets":[0,4]}}',
        "offset_negative": '{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}',
        "offset_fraction": '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4.0]}}',
        "offsets_one": '{"a":{"dtype":"F32","shape":[1],"data_offsets":[4]}}',
        "offsets_three": '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}',
        "dtype_is_number": '{"a":{"dtype":32,"shape":[1],"data_offsets":[0,4]}}',
        "metadata_of_numbers": '{"__metadata__":{"a":1},"a":{' + good + "}}",
        "metadata_nested": '{"__metadata__":{"a":{}},"a":{' + good + "}}",
        "metadata_twice": '{"__metadata__":{},"__metadata__":{},"a":{' + good + "}}",
        "string_unclosed": '{"a',
        "escape_unknown": '{"\\q":{' + good + "}}",
        "escape_cut": '{"\\',
        "unicode_escape_cut": '{"\\u12',
        "unicode_escape_bad": '{"\\u12x4":{' + good + "}}",
        "surrogate_high": '{"\\ud800":{' + good + "}}",
        "surrogate_low": '{"\\udc00":{' + good + "}}",
        "surrogate_pair_bad": '{"\\ud800\\u0041":{' + good + "}}",
        "control_character": '{"a\x01":{' + good + "}}",
        "deep": '{"a":' * 1 + "[" * 1_000_000,
        "deep_objects": '{"a":' * 500_000,
        "spaces": "{" + " " * 20_000_000,
        "nan": '{"a":{"dtype":"F32","shape":[NaN],"data_offsets":[0,4]}}',
    }
    for label, text in texts.items():
        yield Case(f"safetensors_json_{label}", "malformed", "", raw(text))
    yield Case("safetensors_json_not_utf8", "malformed", "UTF-8", raw(b'{"\xff\xfe":{}}'))
    yield Case("safetensors_json_overlong_utf8", "malformed", "UTF-8", raw(b'{"\xc0\x80":{}}'))
    yield Case(
        "safetensors_name_twice",
        "malformed",
        "lies at",
        raw('{"a":{' + good + '},"a":{' + good + "}}"),
    )
    zero = '"dtype":"F32","shape":[0],"data_offsets":[0,0]'
    yield Case(
        "safetensors_empty_name_twice",
        "malformed",
        "is there twice",
        raw('{"a":{' + zero + '},"a":{' + zero + "}}", b""),
    )
    many = ",".join(f'"{i}":{{{zero}}}' for i in range(100_001))
    yield Case(
        "safetensors_too_many_tensors",
        "malformed",
        "more than 100000 tensors",
        raw("{" + many + "}", b""),
    )
    yield Case(
        "safetensors_huge_metadata",
        "malformed",
        "follow the header",
        raw('{"__metadata__":{"a":"' + "x" * 20_000_000 + '"}}'),
    )


def cases():
    for part in (lengths, offsets, grammar):
        yield from part()

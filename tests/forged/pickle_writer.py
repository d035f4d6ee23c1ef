"""Pickles of weights as torch writes them, assembled by hand, in both of its file formats."""

import struct

import tiny_bert
from zip_writer import torch_zip

PROTO2 = b"\x80\x02"
PROTO4 = b"\x80\x04"
STOP = b"."
MARK = b"("


def text(value):
    encoded = value if isinstance(value, bytes) else value.encode()
    return b"X" + struct.pack("<I", len(encoded)) + encoded


def integer(value):
    if 0 <= value < 256:
        return b"K" + bytes([value])
    if -(2**31) <= value < 2**31:
        return b"J" + struct.pack("<i", value)
    encoded = value.to_bytes((value.bit_length() + 8) // 8, "little", signed=True)
    return b"\x8a" + bytes([len(encoded)]) + encoded


def name(module, attribute):
    return b"c" + module.encode() + b"\n" + attribute.encode() + b"\n"


def sequence(*items):
    return MARK + b"".join(items) + b"t"


def integers(values):
    return sequence(*(integer(value) for value in values))


ORDERED_DICT = name("collections", "OrderedDict") + b")R"
FLOATS = name("torch", "FloatStorage")
REBUILD = name("torch._utils", "_rebuild_tensor_v2")


def storage(key, count, kind=FLOATS, legacy=False):
    tail = [b"N"] if legacy else []
    return sequence(text("storage"), kind, text(key), text("cpu"), integer(count), *tail) + b"Q"


def strides_of(shape):
    strides, step = [], 1
    for dimension in reversed(shape):
        strides.append(step)
        step *= dimension
    return strides[::-1]


def tensor(where, shape, offset=0, strides=None, tail=b"\x89" + ORDERED_DICT):
    strides = strides_of(shape) if strides is None else strides
    return (
        REBUILD + sequence(where, integer(offset), integers(shape), integers(strides), tail) + b"R"
    )


def state(entries, legacy=False):
    """A state dictionary: the tiny model's tensors, and `entries`, raw values by name, instead."""
    items = []
    for index, (key, (shape, values)) in enumerate(tiny_bert.tensors().items()):
        value = tensor(storage(str(index), len(values) // 4, legacy=legacy), shape)
        items.append(text(key) + entries.pop(key, value))
    items += [text(key) + value for key, value in entries.items()]
    return PROTO2 + ORDERED_DICT + MARK + b"".join(items) + b"u" + STOP


def blobs():
    return {str(i): values for i, (_, values) in enumerate(tiny_bert.tensors().values())}


def archive(pickled):
    return {"pytorch_model.bin": torch_zip(pickled, blobs())}


def legacy(pickled, keys=None, tail=b"", preamble=None):
    """Magic number, version, system information, the dictionary, the keys, the storages."""
    stored = blobs()
    keys = sorted(stored) if keys is None else keys
    system = PROTO2 + b"}" + MARK + text("little_endian") + b"\x88" + b"u" + STOP
    if preamble is None:
        preamble = (
            PROTO2 + integer(0x1950A86A20F9469CFC6C) + STOP + PROTO2 + integer(1001) + STOP + system
        )
    content = preamble + pickled + PROTO2 + b"]" + MARK + b"".join(map(text, keys)) + b"e" + STOP
    for key in keys:
        values = stored.get(key, b"")
        content += struct.pack("<q", len(values) // 4) + values
    return {"pytorch_model.bin": content + tail}


def with_entry(value):
    """A state dictionary in which one more entry holds `value`."""
    return archive(state({"extra": value}))

"""Forged files of torch's older format, pickles one after the other."""

import struct

from case import Case
from pickle_writer import (
    FLOATS,
    MARK,
    PROTO2,
    STOP,
    blobs,
    integer,
    legacy,
    name,
    sequence,
    state,
    storage,
    tensor,
    text,
)


def cases():
    good = state({}, legacy=True)
    magic = PROTO2 + integer(0x1950A86A20F9469CFC6C) + STOP
    version = PROTO2 + integer(1001) + STOP
    big_endian = PROTO2 + b"}" + MARK + text("little_endian") + b"\x89" + b"u" + STOP

    def view(offset, count):
        part = sequence(text("v"), integer(offset), integer(count))
        whole = sequence(text("storage"), FLOATS, text("0"), text("cpu"), integer(32), part) + b"Q"
        return legacy(state({"extra": tensor(whole, [4])}, legacy=True))

    keys = sorted(blobs())
    two_sizes = state({"extra": tensor(storage("0", 31, legacy=True), [4])}, legacy=True)
    cut = legacy(good)["pytorch_model.bin"][:-1]
    yield Case("older_control", "ok", "", legacy(good))
    yield Case(
        "older_magic",
        "unsupported",
        "torch.save did not write",
        legacy(good, preamble=PROTO2 + integer(12345) + STOP + version),
    )
    yield Case(
        "older_code",
        "unsupported",
        "which no weights need",
        {"pytorch_model.bin": PROTO2 + name("os", "system") + sequence(text("id")) + b"R" + STOP},
    )
    yield Case(
        "older_version",
        "malformed",
        "unknown version",
        legacy(good, preamble=magic + PROTO2 + integer(1002) + STOP + big_endian),
    )
    yield Case(
        "older_big_endian",
        "unsupported",
        "big-endian",
        legacy(good, preamble=magic + version + big_endian),
    )
    yield Case(
        "older_no_system_information",
        "malformed",
        "no dictionary",
        legacy(good, preamble=magic + version + PROTO2 + b"]" + STOP),
    )
    yield Case("older_absent_key", "malformed", "is missing", legacy(good, keys=keys[1:]))
    yield Case(
        "older_unknown_key", "malformed", "no tensor uses", legacy(good, keys=keys + ["999"])
    )
    yield Case("older_key_twice", "malformed", "is there twice", legacy(good, keys=keys + keys[:1]))
    yield Case("older_two_sizes", "malformed", "has two sizes", legacy(two_sizes))
    yield Case("older_cut_in_the_values", "malformed", "cut short", {"pytorch_model.bin": cut})
    yield Case(
        "older_bytes_at_the_end", "malformed", "follows the last storage", legacy(good, tail=b"\0")
    )
    yield Case("older_view_past_the_storage", "malformed", "past storage", view(30, 4))
    yield Case("older_view_before_the_storage", "malformed", "past storage", view(-1, 4))
    yield Case("older_view_that_wraps", "malformed", "past storage", view(2, 2**63 - 1))
    yield Case("older_view_too_small", "malformed", "reaches past its storage", view(0, 3))
    bomb = state({"extra": tensor(storage("x", 2**61, legacy=True), [4])}, legacy=True)
    content = legacy(bomb, keys=["x"])["pytorch_model.bin"][:-8] + struct.pack("<q", 2**61)
    yield Case("older_count_that_wraps", "malformed", "cut short", {"pytorch_model.bin": content})

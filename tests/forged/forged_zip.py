"""Forged zip archives around a valid pickle of weights."""

import struct
import zlib

import pickle_writer
from case import Case
from zip_writer import Entry, torch_entries, zip_bytes

ALL_ONES = 0xFFFFFFFF


def entries():
    return torch_entries(pickle_writer.state({}), pickle_writer.blobs())


def changed(index, local=None, central=None, content=None, name=None):
    """The valid entries with one of them forged."""
    result = entries()
    old = result[index]
    result[index] = Entry(
        name or old.name, old.content if content is None else content, local, central
    )
    return result


def added(*more):
    return entries() + list(more)


def weights(content):
    return {"pytorch_model.bin": content}


def both(**fields):
    return {"local": fields, "central": fields}


def zip64_extra(*values):
    return struct.pack("<HH", 1, 8 * len(values)) + struct.pack(f"<{len(values)}Q", *values)


def deflate(content):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


def end_records():
    good = zip_bytes(entries())
    records = {
        "no_end_record": (good[:-22], "end record is missing"),
        "two_bytes": (b"PK", "end record is missing"),
        "only_an_end_record": (good[-22:], "directory does not end"),
        "an_empty_archive": (zip_bytes([]), "no data.pkl"),
        "count_too_large": (zip_bytes(entries(), end={"count": 99, "here": 99}), "directory"),
        "count_too_small": (
            zip_bytes(entries(), end={"count": 1, "here": 1}),
            "more than its records",
        ),
        "count_of_65535": (
            zip_bytes(entries(), end={"count": 65535, "here": 65535}),
            "entries in a directory",
        ),
        "offset_past_the_end": (
            zip_bytes(entries(), end={"offset": 10**9}),
            "does not end at its end record",
        ),
        "offset_of_all_ones": (
            zip_bytes(entries(), end={"offset": ALL_ONES}),
            "does not end at its end record",
        ),
        "size_too_small": (
            zip_bytes(entries(), end={"size": 46}),
            "does not end at its end record",
        ),
        "size_of_all_ones": (
            zip_bytes(entries(), end={"size": ALL_ONES}),
            "does not end at its end record",
        ),
        "bytes_at_the_end": (good + b"\0", "end record is missing"),
        "bytes_at_the_front": (b"PK" + good, "does not end at its end record"),
        "comment_with_an_end_record": (
            zip_bytes(entries(), comment=zip_bytes([])),
            "does not end at",
        ),
        "bytes_before_the_directory": (
            zip_bytes(entries(), end={"size": 10}, before_directory=b"x" * 99),
            "does not end at",
        ),
        "zip64_locator_elsewhere": (
            zip_bytes(entries(), zip64={}, locator={"position": 0}),
            "zip64 end record",
        ),
        "zip64_locator_past_the_end": (
            zip_bytes(entries(), zip64={}, locator={"position": 2**64 - 1}),
            "zip64 end record",
        ),
        "zip64_record_size": (
            zip_bytes(entries(), zip64={"record_size": 2**64 - 1}),
            "zip64 end record is damaged",
        ),
        "zip64_other_count": (zip_bytes(entries(), zip64={"count": 1, "here": 1}), "contradict"),
        "zip64_count_bomb": (
            zip_bytes(
                entries(),
                zip64={"count": 2**60, "here": 2**60},
                end={"count": 0xFFFF, "here": 0xFFFF},
            ),
            "entries in a directory",
        ),
        "zip64_offset_wraps": (
            zip_bytes(entries(), zip64={"offset": 2**64 - 1}, end={"offset": ALL_ONES}),
            "does not end at",
        ),
        "zip64_size_wraps": (
            zip_bytes(entries(), zip64={"size": 2**64 - 1}, end={"size": ALL_ONES}),
            "does not end at",
        ),
    }
    for label, (content, message) in records.items():
        yield Case(f"zip_{label}", "malformed", message, weights(content))
    yield Case("zip_comment_control", "ok", "", weights(zip_bytes(entries(), comment=b"hello")))
    yield Case(
        "zip_zip64_control",
        "ok",
        "",
        weights(
            zip_bytes(
                entries(),
                zip64={},
                end={"count": 0xFFFF, "here": 0xFFFF, "size": ALL_ONES, "offset": ALL_ONES},
            )
        ),
    )
    several = {
        "disks": {"end": {"disk": 1}},
        "counts": {"end": {"here": 1}},
        "zip64_disks": {"zip64": {"disk": 1}},
    }
    for label, fields in several.items():
        yield Case(
            f"zip_in_parts_{label}",
            "unsupported",
            "several parts",
            weights(zip_bytes(entries(), **fields)),
        )


def headers():
    forged = {
        "central_signature": (
            changed(0, central={"signature": 0x02014B51}),
            "directory record is expected",
        ),
        "local_signature": (changed(1, local={"signature": 0}), "no header at byte"),
        "other_name": (changed(0, local={"name": b"archive/else.pkl"}), "contradict each other"),
        "other_method": (changed(0, local={"method": 8}), "contradict each other"),
        "other_flags": (changed(0, local={"flags": 1}), "contradict each other"),
        "other_size": (changed(1, local={"size": 4}), "contradict each other"),
        "other_checksum": (changed(1, local={"crc": 1}), "contradict each other"),
        "two_sizes": (changed(1, **both(compressed=8)), "two sizes"),
        "size_past_the_end": (changed(-1, **both(size=10**6, compressed=10**6)), "announced"),
        "size_into_the_directory": (changed(-1, **both(size=40, compressed=40)), "announced"),
        "wrong_checksum": (changed(0, **both(crc=1)), "checksum"),
        "offset_past_the_end": (changed(0, central={"offset": 10**9}), "announced"),
        "offset_into_another": (changed(0, central={"offset": 10}), "no header at byte 10"),
        "twice": (added(entries()[1]), "is there twice"),
        "overlap": (
            added(Entry("archive/more", b"", both(name=b"archive/data/0")["local"], {"offset": 0})),
            "contradict each other",
        ),
        "zip64_missing": (
            changed(1, **both(size=ALL_ONES, compressed=ALL_ONES)),
            "lacks its zip64 field",
        ),
        "zip64_size_bomb": (
            changed(
                1,
                **both(size=ALL_ONES, compressed=ALL_ONES, extra=zip64_extra(2**64 - 1, 2**64 - 1)),
            ),
            "announced",
        ),
        "zip64_offset_bomb": (
            changed(1, central={"offset": ALL_ONES, "extra": zip64_extra(2**64 - 1)}),
            "announced",
        ),
        "zip64_short": (
            changed(1, **both(size=ALL_ONES, compressed=ALL_ONES, extra=zip64_extra(4))),
            "announced",
        ),
        "extra_past_the_end": (
            changed(
                1,
                central={
                    "size": ALL_ONES,
                    "compressed": ALL_ONES,
                    "extra": struct.pack("<HH", 1, 60000),
                },
            ),
            "announced",
        ),
    }
    for label, (parts, message) in forged.items():
        yield Case(f"zip_entry_{label}", "malformed", message, weights(zip_bytes(parts)))
    # The same local header under many names: 46 bytes of directory each for 10 MB of content.
    blob = Entry("archive/data/0", b"\0" * 10_000_000)
    copies = [
        Entry("archive/data/0", b"", central=dict(blob.central, offset=0)) for _ in range(1000)
    ]
    yield Case(
        "zip_entry_one_header_many_records",
        "malformed",
        "overlap",
        weights(overlapping(blob, copies)),
    )
    yield Case("zip_entry_quoted_header", "malformed", "overlap", weights(quoted()))
    many = [Entry(f"archive/{i}", b"") for i in range(100_001)]
    yield Case(
        "zip_too_many_entries",
        "malformed",
        "entries in a directory",
        weights(zip_bytes(many, zip64={}, end={"count": 0xFFFF, "here": 0xFFFF})),
    )


def overlapping(first, copies):
    """Directory records of `copies` that all point to the header of `first`."""
    body = first.local_header() + first.content
    records = [first] + copies
    directory = b"".join(record.central_record(0) for record in records)
    return (
        body
        + directory
        + struct.pack(
            "<IHHHHIIH", 0x06054B50, 0, 0, len(records), len(records), len(directory), len(body), 0
        )
    )


def quoted():
    """An entry whose content is another entry with its header."""
    inner = Entry("archive/inner", b"content")
    outer = Entry("archive/outer", inner.local_header() + inner.content)
    body = outer.local_header() + outer.content
    directory = outer.central_record(0) + inner.central_record(len(outer.local_header()))
    return (
        body
        + directory
        + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 2, 2, len(directory), len(body), 0)
    )


def kinds():
    bomb = deflate(b"\0" * 50_000_000)
    packed = {
        "deflated": changed(1, content=deflate(b"\0" * 128), **both(method=8, size=128)),
        "deflate_bomb": changed(1, content=bomb, **both(method=8, size=50_000_000)),
        "deflated_pickle": changed(0, content=deflate(pickle_writer.state({})), **both(method=8)),
        "method_99": changed(1, **both(method=99)),
        "encrypted": changed(1, **both(flags=1)),
        "strongly_encrypted": changed(1, **both(flags=0x41)),
        "masked_headers": changed(1, **both(flags=0x2000)),
        "patched": changed(1, **both(flags=0x20)),
    }
    for label, parts in packed.items():
        yield Case(
            f"zip_{label}", "unsupported", "compressed or encrypted", weights(zip_bytes(parts))
        )
    for label, name in {
        "parent": "archive/../../x",
        "absolute": "/etc/passwd",
        "backslash": "archive\\x",
        "empty": "",
        "nul": "archive/x\0y",
    }.items():
        yield Case(
            f"zip_name_{label}",
            "malformed",
            "no name for a zip entry",
            weights(zip_bytes(added(Entry(name, b"")))),
        )
    contents = {
        "without_pickle": (entries()[1:], "malformed", "no data.pkl"),
        "two_pickles": (added(Entry("other/data.pkl", b"x")), "malformed", "two pickles"),
        "torchscript": (added(Entry("archive/constants.pkl", b"x")), "unsupported", "TorchScript"),
        "torchscript_compressed": (
            [Entry("archive/code/model.py", b"x", *[{"method": 8}] * 2), *added(Entry("archive/constants.pkl", b"x"))],
            "unsupported",
            "TorchScript",
        ),
        "big_endian": (
            added(Entry("archive/byteorder", b"big")),
            "unsupported",
            "byte order 'big'",
        ),
        "odd_endian": (
            added(Entry("archive/byteorder", b"\x1b" * 99)),
            "unsupported",
            "byte order '???",
        ),
        "missing_storage": (entries()[:1] + entries()[2:], "malformed", "storage '0' is missing"),
        "short_storage": (changed(1, content=b"\0" * 12), "malformed", "has 12 bytes"),
        "byteorder_control": (added(Entry("archive/byteorder", b"little")), "ok", ""),
    }
    for label, (parts, code, message) in contents.items():
        yield Case(f"zip_{label}", code, message, weights(zip_bytes(parts)))


def cases():
    for part in (end_records, headers, kinds):
        yield from part()

"""Zip archives in torch's layout, every field of which can be forged."""

import struct
import zlib


class Entry:
    """One stored entry; `local` and `central` override fields of the two headers."""

    def __init__(self, name, content, local=None, central=None):
        self.name = name if isinstance(name, bytes) else name.encode()
        self.content = content
        self.fields = {
            "flags": 0,
            "method": 0,
            "crc": zlib.crc32(content),
            "compressed": len(content),
            "size": len(content),
            "name": self.name,
            "extra": b"",
            "offset": None,
            "disk": 0,
        }
        self.local = dict(self.fields, **(local or {}))
        self.central = dict(self.fields, **(central or {}))

    def local_header(self):
        f = self.local
        return (
            struct.pack(
                "<IHHHHHIIIHH",
                f.get("signature", 0x04034B50),
                0,
                f["flags"],
                f["method"],
                0,
                0,
                f["crc"],
                f["compressed"],
                f["size"],
                len(f["name"]),
                len(f["extra"]),
            )
            + f["name"]
            + f["extra"]
        )

    def central_record(self, offset):
        f = self.central
        offset = offset if f["offset"] is None else f["offset"]
        return (
            struct.pack(
                "<IHHHHHHIIIHHHHHII",
                f.get("signature", 0x02014B50),
                0,
                0,
                f["flags"],
                f["method"],
                0,
                0,
                f["crc"],
                f["compressed"],
                f["size"],
                len(f["name"]),
                len(f["extra"]),
                0,
                f["disk"],
                0,
                0,
                offset,
            )
            + f["name"]
            + f["extra"]
        )


def zip_bytes(entries, end=None, zip64=None, locator=None, comment=b"", before_directory=b""):
    """`end`, `zip64` and `locator` override fields of the end records; zip64=None leaves it out."""
    body, offsets = bytearray(), []
    for entry in entries:
        offsets.append(len(body))
        body += entry.local_header() + entry.content
    body += before_directory
    directory = b"".join(entry.central_record(offset) for entry, offset in zip(entries, offsets))
    fields = {
        "disk": 0,
        "here": len(entries),
        "count": len(entries),
        "size": len(directory),
        "offset": len(body),
    }
    tail = b""
    if zip64 is not None:
        z = {**fields, "record_size": 44, **zip64}
        position = len(body) + len(directory)
        tail = struct.pack(
            "<IQHHIIQQQQ",
            0x06064B50,
            z["record_size"],
            45,
            45,
            z["disk"],
            0,
            z["here"],
            z["count"],
            z["size"],
            z["offset"],
        )
        tail += struct.pack("<IIQI", 0x07064B50, 0, (locator or {}).get("position", position), 1)
    e = dict(fields, **(end or {}))
    tail += (
        struct.pack(
            "<IHHHHIIH",
            0x06054B50,
            e["disk"],
            0,
            e["here"] & 0xFFFF,
            e["count"] & 0xFFFF,
            e["size"],
            e["offset"],
            e.get("comment_length", len(comment)),
        )
        + comment
    )
    return bytes(body) + directory + tail


def torch_entries(pickled, blobs, folder="archive/"):
    entries = [Entry(folder + "data.pkl", pickled)]
    entries += [Entry(f"{folder}data/{key}", content) for key, content in blobs.items()]
    entries.append(Entry(folder + "version", b"3\n"))
    return entries


def torch_zip(pickled, blobs):
    return zip_bytes(torch_entries(pickled, blobs))

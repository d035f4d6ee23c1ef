#!/usr/bin/env python3
"""Writes unicode_tables.cpp: the code-point tables of the pinned tokenizers library.

That library mixes frozen Unicode versions (8.0, 9.0, its Rust toolchain's, Oniguruma's), so its
tables are measured, not taken from the Unicode database. Inputs are classes.json, onig.json and
maps.json of ../shared/specs/unicode and measured.json beside this file (made by measure.py).
Combining classes and composition pairs come from Python's unicodedata, limited to the code points
that the measured tables know; both are frozen by Unicode's stability policy.

usage: generate.py SPEC_UNICODE_FOLDER
"""
import json
import sys
import unicodedata
from pathlib import Path

from tables import BLOCK, LIMIT, array, two_stage, width

HERE = Path(__file__).resolve().parent

# The order is that of `enum Flag` in unicode.h.
FLAGS = ["clean_removed", "white_space", "punctuation", "nonspacing_mark", "mark", "cjk",
         "letter", "number", "word", "numeric", "regex_word", "decimal"]
INERT = ["nfd_inert", "nfkd_inert", "nfc_inert", "nfkc_inert"]
# The order is that of `enum Grapheme` in unicode.h.
GRAPHEMES = ["control", "extend", "joiner", "spacing", "prepend", "leading", "vowel", "trailing",
             "pictographic", "consonant"]


def expand(intervals):
    return {code for first, last in intervals for code in range(first, last + 1)}


def read_flags(spec):
    classes = json.loads((spec / "classes.json").read_text())
    onig = json.loads((spec / "onig.json").read_text())
    measured = json.loads((HERE / "measured.json").read_text())
    ranges = [classes["clean_removed"], classes["ws"], classes["bert_punct"],
              classes["mn_removed"], classes["mark_removed"], classes["cjk"],
              onig["onig_L"], onig["onig_N"], measured["word"], measured["numeric"],
              onig["onig_w"], measured["decimal"]]
    flags = [0] * LIMIT
    for bit, intervals in enumerate(ranges):
        for code in expand(intervals):
            flags[code] |= 1 << bit
    return flags


def read_graphemes():
    """The measured sets overlap where one observation has several causes; here they are told apart."""
    measured = json.loads((HERE / "measured.json").read_text())
    sets = {name: expand(measured[name]) for name in measured}
    joiner = {0x200D}
    prepend = sets["prepend"]
    leading = sets["leading"] - prepend
    vowel = {code for code in sets["vowel_or_lv"] - prepend - leading if not is_hangul(code)}
    kinds = {
        "control": sets["control"], "joiner": joiner, "prepend": prepend,
        "extend": sets["extend"] & sets["joining"] - joiner,
        "spacing": sets["joining"] - sets["extend"] - joiner,
        "leading": leading, "vowel": vowel,
        "trailing": {code for code in sets["trailing_or_before"] - prepend - vowel
                     if not is_hangul(code)},
        "pictographic": sets["pictographic"] - prepend, "consonant": sets["consonant"] - prepend,
    }
    graphemes = [0] * LIMIT
    for number, name in enumerate(GRAPHEMES, start=1):
        for code in kinds[name]:
            assert graphemes[code] == 0, (hex(code), name)
            graphemes[code] = number
    for code in sets["linker"] - prepend:
        graphemes[code] |= 0x40
    for code in sets["conjunct_extend"] & sets["joining"]:
        graphemes[code] |= 0x80
    return graphemes


def read_inert(maps, combining, pairs):
    """Whether a code point stays as it is under each form, whatever stands around it."""
    joins = {second for _, second, _ in pairs} | set(range(0x1161, 0x1176)) | set(
        range(0x11A8, 0x11C3))
    inert = [0] * LIMIT
    for code in range(LIMIT):
        if combining[code]:
            continue
        canonical, compatible = code not in maps["nfd"], code not in maps["nfkd"]
        composed = code not in maps["nfc"] and code not in joins
        only_canonical = compatible or maps["nfd"].get(code) == maps["nfkd"][code]
        inert[code] = (canonical | compatible << 1 | composed << 2 |
                       (composed and only_canonical) << 3)
    return inert


def read_properties(spec, maps):
    flags = read_flags(spec)
    mark = 1 << FLAGS.index("mark")
    combining = [unicodedata.combining(chr(code)) if flags[code] & mark else 0
                 for code in range(LIMIT)]
    inert = read_inert(maps, combining, composition_pairs(maps))
    return [flags[code] | inert[code] << len(FLAGS) | combining[code] << 16 | kind << 24
            for code, kind in enumerate(read_graphemes())]


def read_mappings(spec):
    maps = json.loads((spec / "maps.json").read_text())
    return {name: {int(code): tuple(to) for code, to in maps[name].items()} for name in maps}


def is_hangul(code):
    return 0xAC00 <= code <= 0xD7A3


def check_hangul(maps):
    for code in range(0xAC00, 0xD7A4):
        index = code - 0xAC00
        parts = (0x1100 + index // 588, 0x1161 + index % 588 // 28)
        if index % 28:
            parts += (0x11A7 + index % 28,)
        assert maps["nfd"][code] == parts == maps["nfkd"][code]


def composition_pairs(maps):
    pairs = []
    for code in maps["nfd"]:
        if is_hangul(code) or code in maps["nfc"]:
            continue
        first, second = (int(part, 16) for part in unicodedata.decomposition(chr(code)).split())
        pairs.append((first, second, code))
    return sorted(pairs)


def pooled(mapping):
    """Code point -> offset in a pool of (length, code points...); 0 means none."""
    pool, offsets, seen = [0], [0] * LIMIT, {}
    for code, to in sorted(mapping.items()):
        if is_hangul(code):
            continue
        if to not in seen:
            seen[to] = len(pool)
            pool += [len(to), *to]
        offsets[code] = seen[to]
    return pool, offsets


def main():
    spec = Path(sys.argv[1])
    maps = read_mappings(spec)
    check_hangul(maps)
    properties = read_properties(spec, maps)
    kinds = sorted(set(properties))
    kind_of = {kind: index for index, kind in enumerate(kinds)}
    out = ["// Generated by generate.py from the measured tables; do not edit.\n"
           "// clang-format off\n"
           "#include \"tokenizer/unicode/unicode_tables.h\"\n\n"
           "namespace hasten::tokenizer::unicode::tables {\n"]
    arrays = []

    def add(kind, name, values):
        arrays.append(f"extern const {kind} {name}[{len(values)}];")
        out.append(array(kind, name, values))

    add("std::uint32_t", "k_records", kinds)
    stage1, stage2 = two_stage([kind_of[kind] for kind in properties])
    add("std::uint16_t", "k_property_blocks", stage1)
    add(width(stage2), "k_properties", stage2)
    for name in ("lower", "nfd", "nfkd"):
        pool, offsets = pooled(maps[name])
        stage1, stage2 = two_stage(offsets)
        add(width(stage1), f"k_{name}_blocks", stage1)
        add("std::uint16_t", f"k_{name}_offsets", stage2)
        add("std::uint32_t", f"k_{name}_pool", pool)
    pairs = composition_pairs(maps)
    add("std::uint64_t", "k_compositions", [first << 42 | second << 21 | code
                                             for first, second, code in pairs])
    out.append("}  // namespace hasten::tokenizer::unicode::tables\n")
    (HERE / "unicode_tables.cpp").write_text("\n".join(out))
    header = ["// Generated by generate.py; the arrays behind unicode.h.", "#pragma once", "",
              "#include <cstdint>", "",
              "namespace hasten::tokenizer::unicode::tables {", "",
              f"inline constexpr unsigned k_block = {BLOCK};", *arrays, "",
              "}  // namespace hasten::tokenizer::unicode::tables", ""]
    (HERE / "unicode_tables.h").write_text("\n".join(header))


main()

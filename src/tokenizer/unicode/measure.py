#!/usr/bin/env python3
"""Writes measured.json: what the shared tables lack, measured from tokenizers 0.22.2.

`word`: the \\w of its added tokens and Whitespace pre-tokenizer (the Rust regex crate's).
`grapheme`: the classes of its grapheme clusters that matter to clusters shorter than six bytes, in
the order of `enum Grapheme` in unicode.h: CR, LF, Control, Extend or ZWJ or SpacingMark, Prepend.
"""
import json
import sys
from pathlib import Path

import tokenizers
from tokenizers import pre_tokenizers

assert tokenizers.__version__ == "0.22.2", tokenizers.__version__


def intervals(codes):
    out = []
    for code in codes:
        if out and out[-1][1] == code - 1:
            out[-1][1] = code
        else:
            out.append([code, code])
    return out


def code_points():
    return (code for code in range(0x110000) if not 0xD800 <= code < 0xE000)


def measure_word():
    whitespace = pre_tokenizers.Whitespace()
    return [code for code in code_points()
            if len(whitespace.pre_tokenize_str("a" + chr(code) + "b")) == 1]


def main():
    measured = {"word": intervals(measure_word()), "grapheme": []}
    path = Path(__file__).resolve().parent / "measured.json"
    path.write_text(json.dumps(measured, separators=(",", ":")) + "\n")


main()

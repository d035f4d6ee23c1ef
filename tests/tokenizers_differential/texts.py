"""Texts for the tokenizers' tests: those of ../shared/data, and made-up ones."""

import csv
import gzip
import json
import random
import unicodedata
from pathlib import Path


def _read(path):
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


def tweets(shared):
    """Every tweet of ../shared/data, each language, in a fixed order."""
    data = Path(shared) / "data"
    out = []
    for path in sorted([*data.glob("tweeteval/*/*_text*"), *data.glob("xlm-t/**/*_text.txt")]):
        out += _read(path).decode("utf-8").split("\n")
    with open(data / "turkish" / "TurkishTweets.csv", encoding="utf-8", newline="") as file:
        out += [row["Tweet"] for row in csv.DictReader(file)]
    return out


def tricky(shared):
    """The naughty strings, conformance tests and invalid bytes of ../shared/data/tricky."""
    folder = Path(shared) / "data" / "tricky"
    out = []
    for path in sorted(folder.iterdir()):
        data = _read(path)
        out.append(data.decode("utf-8", errors="replace"))
        out += out[-1].split("\n")
    out += json.loads((folder / "blns.json").read_text())
    every = _read(folder / "utf8_sequence_0-0x10ffff_assigned_printable_unseparated.txt").decode()
    out += [every[i:i + 100] for i in range(0, len(every), 100)]
    return out


# Code points at which tokenizers differ, or the Unicode versions behind them do.
POINTS = [
    *range(0x00, 0x21), 0x27, 0x7F, 0x80, 0x85, 0x9F, 0xA0, 0xA9, 0xAD, 0xAE, 0xB2, 0xBD, 0x0130,
    0x0131, 0x017F, 0x0300, 0x0301, 0x0302, 0x0307, 0x0308, 0x0323, 0x0345, 0x0488, 0x0600, 0x0640,
    0x06DD, 0x070F, 0x0903, 0x0915, 0x093F, 0x094D, 0x09BE, 0x0E33, 0x1100, 0x1161, 0x11A8, 0x115F,
    0x1680, 0x180E, 0x1E9E, 0x2000, 0x200B, 0x200C, 0x200D, 0x200E, 0x2018, 0x2019, 0x2026, 0x2028,
    0x2029, 0x202A, 0x202F, 0x203C, 0x205F, 0x2060, 0x2122, 0x212A, 0x2139, 0x2160, 0x2581, 0x2764,
    0x3000, 0x3042, 0x304B, 0x3099, 0x30AB, 0x4E00, 0x9FFF, 0xAC00, 0xAC01, 0xD7A3, 0xE000, 0xF900,
    0xFB01, 0xFE0E, 0xFE0F, 0xFEFF, 0xFF21, 0xFF76, 0xFF9E, 0xFFFD, 0xFFFE, 0x11938, 0x1D11E,
    0x1D15E, 0x1F1E6, 0x1F1F7, 0x1F468, 0x1F3FD, 0x1F600, 0x20000, 0x2A6DF, 0x2B81F, 0x2B820,
    0x2B91F, 0x2B920, 0x2CEAF, 0x2F800, 0x30000, 0xE0001, 0xE0020, 0xE0100, 0xF0000, 0x10FFFF,
]
PIECES = [
    "the", " ", "  ", "   ", "\n", "\r\n", "\t", "'s", "'S", "'ll", "n't", "@user", "#tag", "http",
    "https://t.co/x", "&amp;", "...", "!!", "123", "3,5", "don't", "Istanbul", "İ", "straße", "ÉTÉ",
    "naïve", "a\u0302\u0300", "e\u0301", "한국어", "日本語", "中文", "हिन्दी", "ไทย", "العربية",
    "❤️", "👨‍👩‍👧", "🏳️‍🌈", "``", "''", "▁", "▁▁", "Ġ", "</w>", "##ing", "[SEP]", "[CLS]", "[MASK]",
    "[sep]", "[UNK]", "[PAD]", "<s>", "</s>", "<pad>", "<unk>", "<mask>", " <mask> ", "<unk>NOTUSED",
    "@usuario", "url", "hashtag", "emoji", "http://url", "<0x41>", "x" * 99, "x" * 100, "x" * 101,
    "é" * 60, "ab" * 700,
    # What BERTweet's normalization looks at.
    "&#39;", "&#x41;", "&xa;", "&xi;", "&#X41;", "&AMP;", "&nbsp;", "&rsquo;", "&hellip;", "&#+65;",
    "&#6_5;", "&#xD800;", "&#x80;", "&#x80\x1c;", "&#\x1f65;", "&#129;", "&#1114112;", "&;", "&#;", "&#x;", "&lt;3", "’", "…",
    "cannot ", "can't ", "ain't", "I'm ", "you're ", " p . m .", "p.m.", " a.m ", "5 p.m. ", "n 't ",
    ":-)", ":D", "=P", ">:(", "(-:", "<3", "@8ball", "@_x", "#a-b_", "#1", "##tag", "<b>", "<br/>",
    "->", "<--", "-->", "foo.com/x", "foo.com", "foo.na@example.com", "me@x.org", "a.b-c.d@e-f.g.h",
    "http://a(b(c)d)e", "https:a", "http:///x", "www.x.y", "WWW", "HTTPS://X", "x.co.uk/a_(b)", "(c)",
    "555-1234", "+1 (800) 555-1234", "1-800-555-12345678", "(080) 555 1234", "12:30", "3.14", "-5/6+",
    "well-known", "o'clock", "it's ", "a_b", ". . .", ". .. .", "....", "!!!!", "?????", "----", "    ",
    ":@foo.com", ":-@a.co.uk b", "http://x.y/(a(b)c)", "http://x.y(a(b)) d", "&eacute;", "&Eacute; ",
    "\u0131", "\u017fhttp", "\u212a.com", "☺", "😀", "☺\ufe0f", "🇺🇸", "👍🏽", "\x1c", "\x85", "_", "-'-",
]


class Generator:
    """Made-up texts, always the same for a seed."""

    def __init__(self, seed, samples, vocabulary):
        self.random = random.Random(seed)
        self.samples = samples
        self.vocabulary = vocabulary
        marks = [c for c in map(chr, range(0x300, 0x20000)) if unicodedata.category(c)[0] == "M"]
        self.marks = marks
        self.points = [chr(p) for p in POINTS]

    def character(self):
        choice = self.random.random()
        if choice < 0.4:
            return chr(self.random.randrange(0x20, 0x7F))
        if choice < 0.6:
            return self.random.choice(self.points)
        if choice < 0.7:
            return self.random.choice(self.marks)
        limit = self.random.choice([0x250, 0x800, 0x3000, 0xFFFF, 0x20000, 0x110000])
        code = self.random.randrange(0x80, limit)
        return chr(code) if not 0xD800 <= code < 0xE000 else " "

    def made_up(self):
        parts = []
        for _ in range(self.random.randrange(1, 12)):
            choice = self.random.random()
            if choice < 0.35:
                parts.append(self.random.choice(PIECES))
            elif choice < 0.6:
                parts.append(self.random.choice(self.vocabulary))
            else:
                parts.append("".join(self.character() for _ in range(self.random.randrange(1, 6))))
            if self.random.random() < 0.3:
                parts.append(" ")
        return "".join(parts)

    def mutated(self):
        text = list(self.random.choice(self.samples))
        for _ in range(self.random.randrange(1, 6)):
            at = self.random.randrange(len(text) + 1)
            choice = self.random.random()
            if choice < 0.3:
                text[at:at] = self.character()
            elif choice < 0.5:
                text[at:at] = self.random.choice(PIECES)
            elif choice < 0.7:
                del text[at:at + self.random.randrange(1, 4)]
            elif choice < 0.85:
                other = self.random.randrange(len(text) + 1)
                text[at:at] = text[other:other + self.random.randrange(1, 8)]
            elif at < len(text):
                text[at] = self.random.choice([text[at].upper(), text[at].lower(),
                                               unicodedata.normalize("NFD", text[at])])
        return "".join(text)

    def text(self):
        return self.made_up() if self.random.random() < 0.5 else self.mutated()

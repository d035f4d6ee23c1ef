"""Random tokenizer.json files: every kind of part, with random options and small vocabularies.

The parts are drawn apart from each other, as the format allows; what the package refuses to load is not
compared.
"""

import base64
import struct

LETTERS = list("abcdeABCDE019 .,'-_#@") + list("éßñüİıſK") + [
    "\u0301", "\u0308", "\u0345", "½", "²", "Ⅷ", "中", "日", "本", "あ", "カ", "ー", "한", "ㅎ", "я", "Ж", "ع",
    "א", "ह", "ि", "ก", "😀", "❤", "\ufe0f", "\u200d", "\u00a0", "\u2581", "\t", "\n", "\r", "\u0085",
    "\u3000", "ﬁ", "①", "\U0001d7d8", "٣", "‿", "–", "€", "$", "+", "<", "`", "^", "\x00", "\x07", "\ufffd"]
WORDS = ["the", "be", "abc", "deed", "bad", "12", "3.14", "é", "e\u0301", "中文", "日本", "한국", "Ab", "bAd", "'s",
         "'ll", "don't", "a-b", "#tag", "@user", "[CLS]", "[SEP]", "<s>", "</s>", "x"]
REGEXES = [
    r"\s+", r"\s", r" {2,}", r"[ab]+", r"[^a-c\s]+", r"\w+", r"\W", r"\d", r"\d+", r"\D+", r"[\w']+", r"[^\w\s]",
    r"[\d.,]+", r"[\s,]+", r"[^\d]", r"[^\s]", r"[\S&&[^a]]", r"[\p{L}\d]+", r"[^\p{L}]", r"\p{L}+", r"\P{L}",
    r"\p{^N}", r"\p{N}{1,3}", r"\p{Lu}", r"\p{Ll}+", r"\p{M}", r"\p{P}", r"[\p{P}\p{S}]", r"\p{Sc}", r"\p{Z}",
    r"\p{Han}", r"\p{Hiragana}|\p{Katakana}", r"[\p{Han}\p{Hangul}]+", r"\p{Cyrillic}+", r"\p{Latin}", r"\p{C}",
    r"[[:alpha:]]+", r"[[:punct:]]", r"[[:space:]]", r"[[:digit:]]", r"\h+", r"a|ab", r"ab|a", r"(a|b)c?", r"a*",
    r"b?", r"(?i:the)", r"(?i:k)", r"(?i:'s|'t|'ll)", r".", r".+", r"a.c", r"\.", r"[.,!?]", r"\n+", r"[\r\n]+",
    r"\t| ", r"é", r"[é-ñ]", r"[^a]", r"[a\-c]", r"[\]]", r"x{2}", r"a{1,2}b", r"(?:ab)+", r"a+?", r"\x61",
    r"\u00e9", r"[\u4e00-\u9fff]", r"^a", r"e$", r"\bbe\b", r"(?=a)b", r"a++", r"(?<=a)b",
    r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|"
    r"\s+(?!\S)|\s+",
    r" ?[^(\s|[.,!?…。，、।۔،])]+",
]
BEHAVIORS = ["Removed", "Isolated", "Contiguous", "MergedWithPrevious", "MergedWithNext"]
CHARSMAP_KEYS = ["a", "ab", "abc", "b", "é", "e\u0301", "\u0301", "\u0308", "①", "½", "ﬁ", "\r\n", "\r", "\n", "\t", "カ",
                 "ｶ", "ｶﾞ", "İ", "A\u0302", "A\u0302\u0300", "\u200d", "\ufe0f", "中", "\u00a0", "\u3000", "C", "한", "ह", "हि"]
CHARSMAP_VALUES = ["", " ", "x", "ab", "e", "é", "e\u0301", "中", "1\u20442", "A\u0302", " \u0308", "b"]
BYTES = [chr(c) for c in [*range(33, 127), *range(161, 173), *range(174, 256)]]
BYTES += [chr(256 + i) for i in range(256 - len(BYTES))]


def charsmap(table):
    """A sentencepiece charsmap of {key: value}: each node of its darts-clone trie has a block to itself."""
    replacements, offsets = b"", {}
    for key, value in table.items():
        offsets[key.encode()] = len(replacements)
        replacements += value.encode() + b"\0"
    units, blocks = {0: 0}, 1

    def fill(position, prefix):
        nonlocal blocks
        children = sorted({key[len(prefix)] for key in offsets
                           if key.startswith(prefix) and len(key) > len(prefix)})
        base = 256 * blocks
        blocks += 1
        units[position] |= (position ^ base) << 10
        if prefix in offsets:
            units[position] |= 1 << 8
            units[base] = 1 << 31 | offsets[prefix]
        for byte in children:
            units[base ^ byte] = byte
        for byte in children:
            fill(base ^ byte, prefix + bytes([byte]))

    fill(0, b"")
    trie = b"".join(struct.pack("<I", units.get(i, 0)) for i in range(256 * blocks))
    return struct.pack("<I", len(trie)) + trie + replacements


class Definitions:
    """Random definitions, always the same for a random.Random."""

    def __init__(self, chance):
        self.chance = chance

    def maybe(self, probability=0.5):
        return self.chance.random() < probability

    def piece(self):
        if self.maybe(0.3):
            return self.chance.choice(WORDS)
        return "".join(self.chance.choice(LETTERS) for _ in range(self.chance.choice([1, 1, 2, 2, 3, 4])))

    def pattern(self):
        if self.maybe(0.25):
            return {"String": self.piece()}
        return {"Regex": self.chance.choice(REGEXES)}

    # ---- Normalizers
    def normalizer(self, depth=0):
        kind = self.chance.choice([
            "BertNormalizer", "Strip", "StripAccents", "NFC", "NFD", "NFKC", "NFKD", "Lowercase", "Nmt", "Precompiled",
            "Replace", "Replace", "Prepend", "ByteLevel" if self.maybe(0.3) else "Strip", "Sequence", "Sequence"])
        if kind == "Sequence":
            if depth > 1:
                return {"type": "Lowercase"}
            return {"type": kind, "normalizers": [self.normalizer(depth + 1)
                                                  for _ in range(self.chance.randrange(5))]}
        if kind == "BertNormalizer":
            return {"type": kind, "clean_text": self.maybe(), "handle_chinese_chars": self.maybe(),
                    "strip_accents": self.chance.choice([None, True, False]), "lowercase": self.maybe()}
        if kind == "Strip":
            return {"type": kind, "strip_left": self.maybe(), "strip_right": self.maybe()}
        if kind == "Precompiled":
            keys = self.chance.sample(CHARSMAP_KEYS, self.chance.randrange(1, 14))
            table = {key: self.chance.choice(CHARSMAP_VALUES) for key in keys}
            return {"type": kind, "precompiled_charsmap": base64.b64encode(charsmap(table)).decode()}
        if kind == "Replace":
            return {"type": kind, "pattern": self.pattern(),
                    "content": self.chance.choice(["", " ", "\u2581", "x", "ab", "é", self.piece()])}
        if kind == "Prepend":
            return {"type": kind, "prepend": self.chance.choice(["\u2581", " ", "ab", ""])}
        return {"type": kind}

    # ---- Pre-tokenizers
    def pre_tokenizer(self, depth=0):
        kind = self.chance.choice([
            "BertPreTokenizer", "ByteLevel", "Metaspace", "Metaspace", "Whitespace", "WhitespaceSplit", "Punctuation",
            "Digits", "Split", "Split", "CharDelimiterSplit", "FixedLength", "UnicodeScripts", "Sequence", "Sequence"])
        if kind == "Sequence":
            if depth > 1:
                return {"type": "Whitespace"}
            return {"type": kind, "pretokenizers": [self.pre_tokenizer(depth + 1)
                                                    for _ in range(self.chance.randrange(4))]}
        if kind == "ByteLevel":
            return {"type": kind, "add_prefix_space": self.maybe(), "trim_offsets": self.maybe(),
                    **({"use_regex": self.maybe()} if self.maybe() else {})}
        if kind == "Metaspace":
            return self.metaspace()
        if kind == "Punctuation":
            return {"type": kind, **({"behavior": self.chance.choice(BEHAVIORS)} if self.maybe(0.8) else {})}
        if kind == "Digits":
            return {"type": kind, "individual_digits": self.maybe()}
        if kind == "Split":
            return {"type": kind, "pattern": self.pattern(), "behavior": self.chance.choice(BEHAVIORS),
                    "invert": self.maybe(0.3)}
        if kind == "CharDelimiterSplit":
            return {"type": kind, "delimiter": self.chance.choice(LETTERS)}
        if kind == "FixedLength":
            return {"type": kind, "length": self.chance.randrange(1, 7)}
        return {"type": kind}

    def metaspace(self):
        out = {"type": "Metaspace", "replacement": self.chance.choice(["\u2581", "\u2581", "_", "Ġ"])}
        if self.maybe(0.8):
            out["prepend_scheme"] = self.chance.choice(["first", "always", "never"])
        if self.maybe(0.3):
            out["add_prefix_space"] = self.maybe()
        if self.maybe(0.4):
            out["split"] = self.maybe()
        return out

    # ---- Models
    def model(self):
        return self.chance.choice([self.word_piece, self.word_level, self.bpe, self.bpe, self.unigram])()

    def alphabet(self):
        letters = self.chance.sample(LETTERS, self.chance.randrange(5, len(LETTERS)))
        if self.maybe(0.4):
            letters += self.chance.choice([BYTES, BYTES, BYTES[:200]])
        return list(dict.fromkeys([*letters, *("\u2581" if self.maybe() else "")]))

    def pieces(self):
        return [self.piece() for _ in range(self.chance.randrange(5, 120))]

    def numbered(self, tokens):
        """Token -> id: in a random order, now and then with gaps."""
        tokens = list(dict.fromkeys(tokens))
        self.chance.shuffle(tokens)
        step = self.chance.choice([1, 1, 1, 3])
        return {token: index * step for index, token in enumerate(tokens)}

    def word_piece(self):
        prefix = self.chance.choice(["##", "##", "", "@@"])
        tokens = ["[UNK]", *self.alphabet(), *self.pieces()]
        tokens += [prefix + token for token in [*self.alphabet(), *self.pieces()]]
        return {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": prefix,
                "max_input_chars_per_word": self.chance.choice([100, 100, 1, 5, 0]), "vocab": self.numbered(tokens)}

    def word_level(self):
        return {"type": "WordLevel", "unk_token": "[UNK]",
                "vocab": self.numbered(["[UNK]", *self.alphabet(), *self.pieces(), *WORDS])}

    def bpe(self):
        prefix = self.chance.choice(["", "", None, "##"])
        suffix = self.chance.choice(["", "", None, "</w>"])
        byte_fallback = self.maybe(0.3)
        alphabet = self.alphabet()
        tokens = ["<unk>", *alphabet]
        if prefix:
            tokens += [prefix + letter for letter in alphabet if self.maybe(0.9)]
        if suffix:
            tokens += [token + suffix for token in tokens[1:] if self.maybe(0.9)]
        if byte_fallback:
            tokens += [f"<0x{byte:02X}>" for byte in range(256) if self.maybe(0.997)]
        merges = self.merges(tokens, prefix or "", suffix or "")
        return {"type": "BPE", "dropout": None, "unk_token": self.chance.choice([None, "<unk>"]),
                "continuing_subword_prefix": prefix, "end_of_word_suffix": suffix, "fuse_unk": self.maybe(),
                "byte_fallback": byte_fallback, "ignore_merges": self.maybe(0.3), "vocab": self.numbered(tokens),
                "merges": merges}

    def merges(self, tokens, prefix, suffix):
        """Random merges, whose products are added to the tokens."""
        merges, known = [], dict.fromkeys(tokens)
        for _ in range(self.chance.randrange(0, 400)):
            left, right = self.chance.choice(tokens), self.chance.choice(tokens)
            if left == "<unk>" or right == "<unk>" or not right.startswith(prefix):
                continue
            if suffix and left.endswith(suffix) or any(" " in part for part in (left, right)):
                continue
            whole = left + right[len(prefix):]
            if whole not in known:
                known[whole] = None
                tokens.append(whole)
            merges.append((left, right))
        if self.maybe(0.9):
            merges = list(dict.fromkeys(merges))
        return [list(merge) for merge in merges] if self.maybe() else [f"{left} {right}" for left, right in merges]

    def score(self):
        digits = self.chance.choice([1, 2, 5, 15, 16, 17, 19, 21, 25])
        number = "".join(self.chance.choice("0123456789") for _ in range(digits))
        form = self.chance.randrange(6)
        if form == 0:
            return f"-{int(number[:2])}"
        if form == 1:
            return f"-{int(number[:1])}.{number}e{self.chance.choice(['-', '', '+'])}{self.chance.randrange(3)}"
        return f"-{self.chance.randrange(15)}.{number}"

    def unigram(self):
        scores = {}
        for token in ["<unk>", *self.alphabet(), *self.pieces()]:
            scores[token] = self.score()
        letters = [token for token in scores if len(token) == 1]
        for _ in range(self.chance.randrange(60)):
            # Scores that tie, or miss a tie by an ulp.
            parts = [self.chance.choice(letters) for _ in range(self.chance.randrange(2, 4))]
            scores["".join(parts)] = repr(sum(float(scores[part]) for part in parts))
        byte_fallback = self.maybe(0.3)
        if byte_fallback:
            scores.update((f"<0x{byte:02X}>", "0.0") for byte in range(256))
        entries = list(scores.items())
        self.chance.shuffle(entries)
        return {"type": "Unigram", "unk_id": [token for token, _ in entries].index("<unk>"),
                "byte_fallback": byte_fallback, "vocab": [[token, Number(score)] for token, score in entries]}

    # ---- The rest
    def added_tokens(self, tokens):
        out = []
        for index in range(self.chance.choice([0, 0, 1, 3, 8])):
            content = self.chance.choice([self.piece(), self.piece(), self.chance.choice(tokens), "[CLS]", "Bad"])
            out.append({"id": 1000 + index, "content": content, "single_word": self.maybe(0.3),
                        "lstrip": self.maybe(0.3), "rstrip": self.maybe(0.3), "normalized": self.maybe(),
                        "special": self.maybe()})
        return out

    def post_processor(self):
        kind = self.chance.choice(["none", "BertProcessing", "RobertaProcessing", "ByteLevel", "TemplateProcessing",
                                   "Sequence"])
        if kind == "none":
            return None
        if kind == "BertProcessing":
            return {"type": kind, "sep": ["[SEP]", 2], "cls": ["[CLS]", 1]}
        if kind == "RobertaProcessing":
            return {"type": kind, "sep": ["</s>", 2], "cls": ["<s>", 1], "trim_offsets": self.maybe(),
                    "add_prefix_space": self.maybe()}
        byte_level = {"type": "ByteLevel", "add_prefix_space": self.maybe(), "trim_offsets": self.maybe(),
                      "use_regex": True}
        if kind == "ByteLevel":
            return byte_level
        if kind == "Sequence":
            return {"type": kind, "processors": [byte_level, self.template()]}
        return self.template()

    def template(self):
        def special():
            return {"SpecialToken": {"id": self.chance.choice(["[X]", "[YZ]"]), "type_id": self.chance.randrange(3)}}

        def sequence(name):
            return {"Sequence": {"id": name, "type_id": self.chance.randrange(3)}}

        def specials():
            return [special() for _ in range(self.chance.randrange(3))]

        return {"type": "TemplateProcessing", "single": [*specials(), sequence("A"), *specials()],
                "pair": [*specials(), sequence("A"), *specials(), sequence("B"), *specials()],
                "special_tokens": {"[X]": {"id": "[X]", "ids": [3], "tokens": ["[X]"]},
                                   "[YZ]": {"id": "[YZ]", "ids": [4, 5], "tokens": ["[Y]", "[Z]"]}}}

    def tokenizer(self):
        model = self.model()
        vocabulary = model["vocab"]
        tokens = [entry[0] for entry in vocabulary] if isinstance(vocabulary, list) else list(vocabulary)
        truncation = None
        if self.maybe(0.3):
            truncation = {"direction": self.chance.choice(["Left", "Right"]), "max_length": 20,
                          "strategy": "LongestFirst", "stride": 0}
        return {"version": "1.0", "truncation": truncation, "padding": None,
                "added_tokens": self.added_tokens(tokens),
                "normalizer": self.normalizer() if self.maybe(0.7) else None,
                "pre_tokenizer": self.pre_tokenizer() if self.maybe(0.85) else None,
                "post_processor": self.post_processor(), "decoder": None, "model": model}


class Number(str):
    """A number of JSON by its digits, which Python's float would round."""


def to_json(value):
    import json
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{to_json(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(to_json, value)) + "]"
    return json.dumps(value)

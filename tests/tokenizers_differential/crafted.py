"""Small tokenizers and texts written by hand, each for a rule that random ones seldom meet.

crafted() lists (name, model type, files, texts): files are {name: text}, or JSON values, beside those of `base`, a
tokenizer of families.py; a text may be a pair. run_settings.py compares them with transformers, mutations.py shows
that they catch mistakes.
"""

import base64
import json

from families import make_folder
from random_definitions import BYTES, charsmap

GENERIC = {"tokenizer_config.json": {"tokenizer_class": "PreTrainedTokenizerFast", "added_tokens_decoder": {}},
           "config.json": {"model_type": "bert"}}


def numbered(tokens):
    return {token: index for index, token in enumerate(tokens)}


def form(model, normalizer=None, pre_tokenizer=None, added=()):
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": list(added), "normalizer": normalizer,
            "pre_tokenizer": pre_tokenizer, "post_processor": None, "decoder": None, "model": model}


def generic(name, texts, *parts, **options):
    return name, "bert", {"tokenizer.json": form(*parts, **options), **GENERIC}, texts


def letters(*tokens):
    """A BPE without merges: each token is a character."""
    return {"type": "BPE", "unk_token": "<unk>", "vocab": numbered(["<unk>", *tokens]), "merges": []}


def byte_level(*merges):
    tokens = [*BYTES, *(left + right for left, right in merges)]
    return {"type": "BPE", "unk_token": None, "vocab": numbered(tokens), "merges": [list(merge) for merge in merges]}


def word_piece(*tokens):
    return {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100, "vocab": numbered(["[UNK]", *tokens])}


def words(*tokens):
    return {"type": "WordLevel", "unk_token": "[UNK]", "vocab": numbered(["[UNK]", *tokens])}


def unigram(*pieces):
    return {"type": "Unigram", "unk_id": 0, "byte_fallback": False, "vocab": [["<unk>", -1.0], *map(list, pieces)]}


def bert(lowercase=True, strip_accents=None):
    return {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": strip_accents,
            "lowercase": lowercase}


def added(content, **flags):
    return {"id": 900, "content": content, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
            "special": False, **flags}


def split(regex, behavior, invert=False):
    return {"type": "Split", "pattern": {"Regex": regex}, "behavior": behavior, "invert": invert}


def precompiled(table):
    return {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(charsmap(table)).decode()}


def normalizing():
    split_bert = {"type": "BertPreTokenizer"}
    yield generic("marks with a class that stay", ["\U0001D16D\U0001D165"],
                  word_piece("\U0001D165", "##\U0001D16D", "\U0001D16D", "##\U0001D165"), bert(), split_bert)
    yield generic("long lower case", ["\u0130x", "x\u0130"], letters("i", "\u0307", "x"), {"type": "Lowercase"})
    yield generic("Unicode of several versions", ["a\u08e2b", "a\u166db", "\u1c89", "a\u180eb", "\u1c8a"],
                  word_piece("a", "b", "##b", "ab", "##\u08e2", "\u166d", "\u1c8a", "##\u166d"), bert(False, False), split_bert)
    yield generic("lower case of a late version", ["\u1c89"], letters("\u1c89", "\u1c8a"), {"type": "Lowercase"})
    yield generic("a decomposition that is missing", ["\U00011938", "é\U00011938"],
                  letters("\U00011938", "\U00011935", "\U00011930", "e", "\u0301"), {"type": "NFD"})
    yield generic("blocked compositions", ["e\u0305\u0301", "e\u0301\u0305", "e\u0323\u0301"],
                  letters("e", "é", "ẹ", "\u0305", "\u0301", "\u0323"), {"type": "NFC"})
    yield generic("jamo", ["가", "각"], word_piece("ᄀ", "##ᅡ", "##ᆨ", "가", "각"), bert(), split_bert)
    yield generic("charsmap", ["a\u0302\u0300", "\r\n", "\u0600b", "e\u0903", "e\u200d", "a\u0302", "ab"], letters(*"abexyzw\u0903\u200d\u0600"),
                  precompiled({"a\u0302": "x", "a\u0302\u0300": "y", "\r": "x", "\n": "y", "\u0600": "x", "b": "z", "e": "w"}))


def splitting():
    yield generic("word lengths", ["x" * 99, "x" * 100, "x" * 101, "я" * 51, "я" * 60, "я" * 100, "я" * 101],
                  word_piece("x", "##x", "я", "##я"), None, {"type": "BertPreTokenizer"})
    yield generic("byte-level classes", ["\ta", "b\ta", "\u00a0a", "a1", "1a", " a1", "'Sa", "'s", "a\u0301"],
                  byte_level(("a", "Ì"), ("ĉ", "a"), ("a", "1"), ("1", "a"), ("ł", "a"), ("'", "S")), None,
                  {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True})
    yield ("byte-level prefix", "bert", {**GENERIC, "tokenizer_config.json": {
        **GENERIC["tokenizer_config.json"], "add_prefix_space": True}, "tokenizer.json": form(
            byte_level(("Ġ", "a")), None, {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
            [added("<n>")])}, ["a", " a", "a<n>a", "<n> a"])
    yield generic("punctuation of brackets", ["a$b", "a.b", "a^b"], words("a", "$", "b", ".", "^"), None,
                  split("[[:punct:]]", "Isolated"))
    yield generic("empty matches", ["xyz", "xay", "a"], words("x", "y", "z", "xyz", "a", "xy"), None,
                  split("a*", "MergedWithPrevious", True))
    yield generic("before the first script", [".a", "..", "a.b中"], words(".", "a", ".a", "a.b", "中"), None,
                  {"type": "UnicodeScripts"})
    for name, flags in (("white space twice", {"lstrip": True, "rstrip": True}), ("white space", {})):
        yield generic(name, ["a  b", "<n>  b", "   ", "<n> b"], words("a", "b"), None, {"type": "WhitespaceSplit"},
                      added=[added(" ", **flags), added("<n>", rstrip=True)])
    yield generic("a word that is not alone", ["xaba", "aba", "aba aba", "xaba ba"], words("x", "a", "b", "xaba"), None,
                  {"type": "WhitespaceSplit"}, added=[added("aba", single_word=True), added("ba")])


def padding():
    name, model_type, files, texts = generic("the pad token of padding", ["a [PAD] b", "[PAD]"], words("a", "b", "[PAD]"), None,
                                             {"type": "WhitespaceSplit"})
    files["tokenizer.json"]["padding"] = {"strategy": "BatchLongest", "direction": "Right", "pad_to_multiple_of": None,
                                          "pad_id": 3, "pad_type_id": 0, "pad_token": "[PAD]"}
    yield name, model_type, files, [*texts, "a[PAD]b"]


def models():
    yield generic("an unknown or a longer token", ["qz", "jw", "q", "qzjw", "z"],
                  unigram(["z", 3.0], ["qz", -15.5], ["w", 30.0], ["jw", -15.5], ["lo", -15.5]))
    yield generic("a repeated piece", ["ab", "a"], unigram(["a", -1.0], ["b", -5.0], ["a", -3.0]))
    untyped = letters("a", "b")
    del untyped["type"]
    yield generic("a model without a type", ["ab", "ba", "aab"], untyped | {"merges": ["a b"], "vocab": numbered(["<unk>", "a", "b", "ab"])})
    yield ("merges of odd ranks", "bertweet", {
        "vocab.txt": "ab@@ 1\nab 1\naba@@ 1\na@@ 1\nb@@ 1\nc 1\nabab@@ 1\na 1\nab@@ 1\n", "bpe.codes": "ab a 3\na b 2\n",
        "tokenizer_config.json": {"tokenizer_class": "BertweetTokenizer"}, "config.json": {"model_type": "bertweet"}},
           ["ababc", "abac", "abab", "a", "c", "ab ab"])


WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdemsk[]", "##a", "##b", "##c", "##s", "##k", "ab", "ab", "é", "e"]


def word_piece_folder(name, settings, texts, model_type="bert", **files):
    return (name, model_type, {"vocab.txt": "\n".join(WORDS) + "\n", "config.json": {"model_type": model_type},
                               "tokenizer_config.json": settings, **{f"{key}.json": value for key, value in files.items()}}, texts)


def settings():
    texts = ["a [MASK] b", "ab [SEP] ab", "[NEW] a", "a [new]", "Hello hello", "a  <x> b", ("ab", "ba"), ("a", ""), "[CLS]a", "É"]
    decoder = {"40": {"content": "[NEW]", "special": True}, "50": {"content": "<x>", "lstrip": True}}
    yield word_piece_folder("bare", {}, texts)
    yield word_piece_folder("no mask", {"mask_token": None}, texts)
    yield word_piece_folder("special tokens are text", {"split_special_tokens": True}, texts)
    yield word_piece_folder("a decoder", {"added_tokens_decoder": decoder}, texts)
    yield word_piece_folder("ids of the slow tokenizer", {"added_tokens_decoder": decoder, "cls_token": "[NEW]"}, texts)
    yield word_piece_folder("a role takes the decoder's flags", {
        "sep_token": {"__type": "AddedToken", "content": "[SEP]", "special": True},
        "added_tokens_decoder": {"3": {"content": "[SEP]", "single_word": True, "special": True}}}, [*texts, "b[SEP]a"])
    yield word_piece_folder("added_tokens.json", {"additional_special_tokens": ["[NEW]"]}, texts,
                            added_tokens={"[NEW]": 33, "Hello": 34})
    yield word_piece_folder("special_tokens_map.json", {"cls_token": "[SEP]"}, texts, special_tokens_map={
        "cls_token": "[CLS]", "sep_token": {"content": "[SEP]", "lstrip": True, "normalized": True},
        "additional_special_tokens": ["<x>", {"content": "[NEW]", "rstrip": True}]})
    yield word_piece_folder("extra special tokens", {"extra_special_tokens": {"image_token": "<x>"}}, texts)
    yield word_piece_folder("no basic tokenizing", {"do_basic_tokenize": False}, texts, added_tokens={"Hello": 33, "É": 34})
    yield word_piece_folder("no types", {}, texts, model_type="distilbert")
    yield word_piece_folder("types that are not asked for", {"model_input_names": ["input_ids"]}, texts)
    yield word_piece_folder("cut at the left", {"truncation_side": "left"}, ["a b c d e " * 3, ("a b c d", "e d c b a e")])
    yield ("HerBERT's numbered tokens", "bert", {
        "vocab.json": numbered(["<s>", "</s>", "<pad>", "<unk>", "<mask>", "a</w>", "b</w>", "a", "b", "ab</w>"]),
        "merges.txt": "#version: 0.2\na b</w>\n", "config.json": {"model_type": "bert"},
        "tokenizer_config.json": {"tokenizer_class": "HerbertTokenizer", "truncation_side": "left"}},
        ["a <special0> ab", "b<special9>", "a b ab a b ab a b ab"])


def sentencepiece():
    for name, setting in (("split_by_punct", {"split_by_punct": True}), ("lower-casing", {"do_lower_case": True})):
        yield (f"DeBERTa, {name}", "deberta-v2", {"base": "deberta-v3-base", "tokenizer_config.json": {
            "tokenizer_class": "DebertaV2Tokenizer", **setting}}, ["It's 3.5-4 (km)!", "A.B.C", "don't", "HELLO"])
    yield ("ALBERT, accents", "albert", {"base": "albert-base-v2", "tokenizer_config.json": {
        "tokenizer_class": "AlbertTokenizer", "keep_accents": True}}, ["café ``x''", "한국"])


def crafted():
    return [*normalizing(), *splitting(), *padding(), *models(), *settings(), *sentencepiece()]


def write_folder(case, shared, parent):
    """Writes the case's checkpoint folder under `parent` and returns its path."""
    name, _, files, _ = case
    base = files.get("base")
    folder = make_folder(base, shared, parent / name) if base else parent / name
    folder.mkdir(parents=True, exist_ok=True)
    for target, content in files.items():
        if target != "base":
            text = content if isinstance(content, str) else json.dumps(content)
            (folder / target).write_text(text, encoding="utf-8")
    return folder


def make_rows(case):
    """Each text whole and cut to several lengths."""
    pairs = [text if isinstance(text, tuple) else (text, None) for text in case[3]]
    return [(text, pair, length) for text, pair in pairs for length in (0, 5, 6, 9)]

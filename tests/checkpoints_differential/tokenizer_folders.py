"""Tokenizer files of every family, trained on the sample tweets and saved in any of the ways that folders show."""

import json

import sentencepiece
import transformers as hf
from tokenizers import BertWordPieceTokenizer, ByteLevelBPETokenizer, CharBPETokenizer

MARKS = dict(user_defined_symbols=["[CLS]", "[SEP]", "[MASK]"])
# sentencepiece's arguments that lay the special pieces out as the family's published model has them.
PIECES = {
    "xlm-roberta": dict(unk_id=0, bos_id=1, eos_id=2),
    "camembert": dict(unk_id=0, bos_id=1, eos_id=2),
    "albert": dict(pad_id=0, unk_id=1, bos_id=2, eos_id=3, bos_piece="[CLS]", eos_piece="[SEP]",
                   user_defined_symbols=["[MASK]"]),
    "deberta-v2": dict(pad_id=0, bos_id=1, eos_id=2, unk_id=3, pad_piece="[PAD]", bos_piece="[CLS]",
                       eos_piece="[SEP]", unk_piece="[UNK]"),
    "xlnet": dict(unk_id=0, bos_id=1, eos_id=2, pad_id=-1,
                  user_defined_symbols=["<cls>", "<sep>", "<pad>", "<mask>", "<eod>", "<eop>"]),
    "rembert": MARKS | dict(pad_id=0, unk_id=1, bos_id=-1, eos_id=-1, pad_piece="[PAD]", unk_piece="[UNK]"),
    "big_bird": MARKS | dict(pad_id=0, eos_id=1, bos_id=2, unk_id=3),
}
WORDPIECE = {"bert": hf.BertTokenizer, "distilbert": hf.DistilBertTokenizer, "electra": hf.ElectraTokenizer,
             "squeezebert": hf.SqueezeBertTokenizer, "mobilebert": hf.MobileBertTokenizer,
             "convbert": hf.ConvBertTokenizer, "mpnet": hf.MPNetTokenizer}
SENTENCEPIECE = {"xlm-roberta": hf.XLMRobertaTokenizer, "camembert": hf.CamembertTokenizer,
                 "albert": hf.AlbertTokenizer, "deberta-v2": hf.DebertaV2Tokenizer, "xlnet": hf.XLNetTokenizer,
                 "rembert": hf.RemBertTokenizer, "big_bird": hf.BigBirdTokenizer}
SIZES = (480, 700)


def train_sentencepiece(source, folder, kind):
    for size in SIZES:
        sentencepiece.SentencePieceTrainer.train(
            input=str(source), model_prefix=str(folder / f"{kind}-{size}"), vocab_size=size, minloglevel=2,
            normalization_rule_name="nfkc" if size == SIZES[0] else "nmt_nfkc", character_coverage=0.995,
            model_type="unigram", hard_vocab_limit=False, **PIECES[kind])


def write_bertweet(source, folder):
    """fastBPE's files: a word's end is bare there, its middle has @@ behind."""
    trained = CharBPETokenizer(suffix="</w>", unk_token="<unk>")
    trained.train([str(source)], vocab_size=600, suffix="</w>", show_progress=False, special_tokens=["<unk>"])
    model = json.loads(trained.to_str())["model"]
    tokens = [token for token in model["vocab"] if token != "<unk>"]
    names = [token[:-4] if token.endswith("</w>") else token + "@@" for token in tokens]
    (folder / "bertweet-vocab.txt").write_text("".join(f"{name} 1\n" for name in names if name))
    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in model["merges"]]
    (folder / "bertweet-codes").write_text("".join(f"{merge} 1\n" for merge in merges))


def train_all(tweets, folder):
    """Vocabularies for every kind, into `folder`."""
    source = folder / "tweets.txt"
    source.write_text("\n".join(tweets), encoding="utf-8")
    for kind in PIECES:
        train_sentencepiece(source, folder, kind)
    for size in SIZES:
        for name, specials in (("bert", ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]),
                               ("mpnet", ["<s>", "<pad>", "</s>", "<unk>", "[UNK]", "<mask>"])):
            words = BertWordPieceTokenizer(lowercase=size == SIZES[0], unk_token="[UNK]")
            words.train([str(source)], vocab_size=size, special_tokens=specials, show_progress=False)
            words.save_model(str(folder), f"{name}-{size}")
        letters = ByteLevelBPETokenizer()
        letters.train([str(source)], vocab_size=size, show_progress=False,
                      special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>", "[CLS]", "[PAD]", "[SEP]", "[UNK]", "[MASK]"])
        letters.save_model(str(folder), f"roberta-{size}")
        pairs = CharBPETokenizer(suffix="</w>", unk_token="<unk>")
        pairs.train([str(source)], vocab_size=3 * size, suffix="</w>", show_progress=False,
                    special_tokens=["<s>", "<unk>", "<pad>", "</s>", "<mask>"])
        pairs.save_model(str(folder), f"herbert-{size}")
        merges = (folder / f"herbert-{size}-merges.txt").read_text(encoding="utf-8")
        (folder / f"herbert-{size}-codes").write_text(merges.split("\n", 1)[1], encoding="utf-8")
    write_bertweet(source, folder)


def maybe(chance, **options):
    """Each option with one of its values, or left to its default."""
    return {key: chance.choice(values) for key, values in options.items() if chance.random() < 0.4}


def make_wordpiece(kind, trained, chance):
    name = "mpnet" if kind == "mpnet" else "bert"
    options = maybe(chance, do_lower_case=[True, False], strip_accents=[True, False, None],
                    tokenize_chinese_chars=[True, False])
    return WORDPIECE[kind](str(trained / f"{name}-{chance.choice(SIZES)}-vocab.txt"), **options)


def make_sentencepiece(kind, trained, chance):
    options = {}
    if kind in ("albert", "xlnet"):
        options = maybe(chance, do_lower_case=[True, False], keep_accents=[True, False])
    elif kind == "deberta-v2":
        options = maybe(chance, do_lower_case=[True, False], split_by_punct=[True, False])
    return SENTENCEPIECE[kind](str(trained / f"{kind}-{chance.choice(SIZES)}.model"), **options)


def make_byte_level(kind, trained, chance):
    stem = f"{trained}/roberta-{chance.choice(SIZES)}"
    tokenizer_class = hf.DebertaTokenizer if kind == "deberta" else hf.RobertaTokenizer
    return tokenizer_class(f"{stem}-vocab.json", f"{stem}-merges.txt", **maybe(chance, add_prefix_space=[True, False]))


def make_herbert(kind, trained, chance):
    stem = f"{trained}/herbert-{chance.choice(SIZES)}"
    return hf.HerbertTokenizerFast(f"{stem}-vocab.json", f"{stem}-merges.txt")


def make_moses(kind, trained, chance):
    stem = f"{trained}/herbert-{chance.choice(SIZES)}"
    if kind == "xlm":
        return hf.XLMTokenizer(f"{stem}-vocab.json", f"{stem}-codes",
                               **maybe(chance, do_lowercase_and_remove_accent=[True, False]))
    return hf.FlaubertTokenizer(f"{stem}-vocab.json", f"{stem}-codes", **maybe(chance, do_lowercase=[True, False]))


def make_bertweet(kind, trained, chance):
    return hf.BertweetTokenizer(str(trained / "bertweet-vocab.txt"), str(trained / "bertweet-codes"),
                                **maybe(chance, normalization=[True, False]))


def make_generic(kind, trained, chance):
    """A tokenizer.json with no class of its own, as ModernBERT's."""
    inner = hf.BertTokenizerFast(str(trained / f"bert-{chance.choice(SIZES)}-vocab.txt"),
                                 **maybe(chance, do_lower_case=[True, False]))
    return hf.PreTrainedTokenizerFast(tokenizer_object=inner.backend_tokenizer, unk_token="[UNK]", pad_token="[PAD]",
                                      cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]")


def make_tokenizer(kind, trained, chance):
    make = (make_wordpiece if kind in WORDPIECE else make_sentencepiece if kind in SENTENCEPIECE else
            {"roberta": make_byte_level, "deberta": make_byte_level, "herbert": make_herbert,
             "xlm": make_moses, "flaubert": make_moses, "bertweet": make_bertweet, "generic": make_generic}[kind])
    tokenizer = make(kind, trained, chance)
    if chance.random() < 0.2:
        tokenizer.add_tokens(chance.sample(["hello", "@user", "covid19", "😀", "Ünï"], 2))
    if chance.random() < 0.1:
        tokenizer.add_special_tokens({"additional_special_tokens": ["<url>"]})
    if chance.random() < 0.5:
        tokenizer.model_max_length = chance.randint(8, 120)
    return tokenizer


def vary_files(kind, folder, chance):
    """Leaves files out and changes line ends, as folders of different years and hands do."""
    legacy = any((folder / name).exists() for name in ("vocab.txt", "vocab.json", "spiece.model", "spm.model",
                                                       "sentencepiece.bpe.model"))
    if (folder / "tokenizer.json").exists() and legacy:
        kept = chance.choice(["both", "legacy", "json"])
        if kept == "legacy":
            (folder / "tokenizer.json").unlink()
        elif kept == "json":
            for name in ("vocab.txt", "vocab.json", "merges.txt", "spiece.model", "spm.model", "sentencepiece.bpe.model"):
                (folder / name).unlink(missing_ok=True)
    if chance.random() < 0.3:
        (folder / "special_tokens_map.json").unlink(missing_ok=True)
    config = folder / "tokenizer_config.json"
    if config.exists() and chance.random() < 0.3:
        settings = json.loads(config.read_text())
        settings.pop("added_tokens_decoder", None)
        if kind not in ("herbert", "generic", "bertweet"):  # whose models' type is another's
            settings.pop("tokenizer_class", None)
        config.write_text(json.dumps(settings))
    words = folder / "vocab.txt"
    if words.exists() and chance.random() < 0.2 and not (folder / "bpe.codes").exists():
        words.write_bytes(words.read_bytes().replace(b"\n", b"\r\n"))


def write_tokenizer(kind, trained, folder, chance):
    """Saves a tokenizer of `kind` and returns what transformers loads from the folder."""
    tokenizer = make_tokenizer(kind, trained, chance)
    if not tokenizer.is_fast and chance.random() < 0.5 and kind != "bertweet":
        tokenizer.save_pretrained(folder)
        hf.AutoTokenizer.from_pretrained(folder).save_pretrained(folder)
    else:
        tokenizer.save_pretrained(folder)
    vary_files(kind, folder, chance)
    return hf.AutoTokenizer.from_pretrained(folder)

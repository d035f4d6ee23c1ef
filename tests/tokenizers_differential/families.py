"""The genuine tokenizers of ../shared/data/tokenizers as checkpoint folders, and how the pinned
packages load each.

Files that are stored gzipped are unpacked, and config.json tells the model's type.
"""

import gzip
import json
import os
import shutil
from pathlib import Path

os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

JSON_CONFIG = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
               "added_tokens.json", "vocab.txt")


def _same(folder, names):
    return {name: f"{folder}/{name}" for name in names}


# name: (model type, {file: source})
FAMILIES = {
    "bert-base-uncased": ("bert", _same("bert-base-uncased", ["tokenizer.json", "vocab.txt"])),
    "bert-base-uncased-files": ("bert", _same("bert-base-uncased", ["vocab.txt"])),
    "bert-base-cased": ("bert", _same("bert-base-cased", ["tokenizer.json", "vocab.txt"])),
    "bert-base-cased-generic": ("", _same("bert-base-cased", ["tokenizer.json"])),
    "bert-base-multilingual-cased": ("", {
        "tokenizer.json": "bert-base-multilingual-cased/tokenizer.json.gz"}),
    "distilbert-base-multilingual-cased": ("distilbert", {
        "tokenizer.json": "bert-base-multilingual-cased/tokenizer.json.gz"}),
    "bert-base-portuguese-cased": ("bert", _same("bert-base-portuguese-cased", [
        "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt"])),
    "bert-base-spanish-wwm-cased": ("bert", _same("bert-base-spanish-wwm-cased", JSON_CONFIG)),
    "bert-base-spanish-wwm-cased-files": ("bert", _same(
        "bert-base-spanish-wwm-cased", JSON_CONFIG[1:])),
    "bert-base-spanish-wwm-uncased": ("bert", _same("bert-base-spanish-wwm-uncased", JSON_CONFIG)),
    "bert-base-turkish-128k-uncased": ("bert", {
        **_same("bert-base-turkish-128k-uncased", [
            "tokenizer_config.json", "special_tokens_map.json"]),
        "vocab.txt": "bert-base-turkish-128k-uncased/vocab.txt.gz"}),
    "roberta-base": ("roberta", {"tokenizer.json": "roberta-base/tokenizer.json.gz"}),
    "roberta-base-files": ("roberta", _same("roberta-base", ["vocab.json", "merges.txt"])),
    "deberta-base-files": ("deberta", _same("roberta-base", ["vocab.json", "merges.txt"])),
    "bertweet-json": ("", {"tokenizer.json": "bertweet-base/bertweet.json.gz"}),
    "bertweet-base": ("bertweet", {}),
    "bertweet-base-plain": ("bertweet", {}),
    "phobert-files": ("phobert", {}),
    "robertuito-base-uncased": ("roberta", _same("robertuito-base-uncased", [
        "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"])),
    "xlm-roberta-base": ("xlm-roberta", {
        "sentencepiece.bpe.model": "xlm-roberta-base/sentencepiece.bpe.rebuilt.model"}),
    "camembert-base": ("", {"tokenizer.json": "camembert-base/tokenizer.json.gz"}),
    "camembert-files": ("camembert", {}),
    "camemberta-base": ("deberta-v2", _same("camemberta-base", [
        "spm.model", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"])),
    "deberta-v3-base": ("deberta-v2", _same("deberta-v3-base", [
        "spm.model", "tokenizer_config.json", "special_tokens_map.json"])),
    "albert-base-v2": ("albert", _same("albert-base-v2", ["spiece.model"])),
    "mpnet-base": ("mpnet", {"vocab.txt": "mpnet-base/vocab.derived.txt"}),
    "modernbert-base": ("modernbert", {"tokenizer.json": "modernbert-base/tokenizer.json.gz"}),
    "xlm": ("xlm", {}),
    "xlm-cased": ("xlm", {}),
    "flaubert": ("flaubert", {}),
    "flaubert-uncased": ("flaubert", {}),
}


def make_camembert_model(shared):
    """CamemBERT's sentencepiece.bpe.model, which is not to be had, out of its tokenizer.json, with
    XLM-RoBERTa's charsmap (both models were trained with sentencepiece's own nmt_nfkc)."""
    from sentencepiece import sentencepiece_model_pb2
    folder = Path(shared) / "data" / "tokenizers"
    vocabulary = json.loads(gzip.decompress(
        (folder / "camembert-base" / "tokenizer.json.gz").read_bytes()))["model"]["vocab"]
    model = sentencepiece_model_pb2.ModelProto()
    model.ParseFromString(
        (folder / "xlm-roberta-base" / "sentencepiece.bpe.rebuilt.model").read_bytes())
    del model.pieces[:]
    model.pieces.add(piece="<unk>", score=0, type=2)
    for piece, score in vocabulary[5:-1]:
        model.pieces.add(piece=piece, score=score, type=3 if piece in ("<s>", "</s>") else 1)
    model.trainer_spec.unk_id = 0
    return model.SerializeToString()


def make_bertweet_files(shared, folder, normalization, name="BertweetTokenizer"):
    """BERTweet's vocab.txt and bpe.codes, which are not to be had, out of the form that somebody
    converted: there a word's end is written </w>, in vocab.txt a word's middle is written @@."""
    form = json.loads(gzip.decompress(
        (Path(shared) / "data/tokenizers/bertweet-base/bertweet.json.gz").read_bytes()))["model"]
    tokens = {index: token for token, index in form["vocab"].items() if 4 <= index < 64000}
    lines = []
    for _, token in sorted(tokens.items()):
        lines.append(token[:-4] if token.endswith("</w>") else token + "@@")
    (folder / "vocab.txt").write_text("".join(f"{line} 1\n" for line in lines))
    (folder / "bpe.codes").write_text("".join(f"{merge} 1\n" for merge in form["merges"]))
    (folder / "added_tokens.json").write_text('{"<mask>": 64000}')
    (folder / "tokenizer_config.json").write_text(json.dumps({
        "tokenizer_class": name, "normalization": normalization}))


# What tokenizer_config.json has for them.
MOSES = {"xlm": {}, "xlm-cased": {"do_lowercase_and_remove_accent": False}, "flaubert": {},
         "flaubert-uncased": {"do_lowercase": True}}


def make_moses_files(folder, settings):
    """vocab.json and merges.txt of a BPE trained on the sample tweets, as fastBPE's: genuine ones are not to be had."""
    from tokenizers import CharBPETokenizer
    tweets = Path(__file__).resolve().parents[2] / "examples" / "tweets.csv"
    trained = CharBPETokenizer(suffix="</w>", unk_token="<unk>")
    trained.train([str(tweets)], vocab_size=3000, suffix="</w>", show_progress=False,
                  special_tokens=["<s>", "</s>", "<pad>", "<unk>", *(f"<special{i}>" for i in range(8))])
    trained.save_model(str(folder))
    codes = (folder / "merges.txt").read_text(encoding="utf-8").split("\n", 1)[1]
    (folder / "merges.txt").write_text(codes.replace("\n", " 7\n"), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))


def make_folder(name, shared, parent):
    """Writes the family's checkpoint folder under `parent` and returns its path."""
    model_type, files = FAMILIES[name]
    folder = Path(parent) / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for target, source in files.items():
        content = (Path(shared) / "data" / "tokenizers" / source).read_bytes()
        (folder / target).write_bytes(gzip.decompress(content) if source.endswith(".gz")
                                      else content)
    if name == "camembert-files":
        (folder / "sentencepiece.bpe.model").write_bytes(make_camembert_model(shared))
    if name == "phobert-files":
        make_bertweet_files(shared, folder, normalization=True, name="PhobertTokenizer")
    if name.startswith("bertweet-base"):
        make_bertweet_files(shared, folder, normalization=name == "bertweet-base")
    if name in MOSES:
        make_moses_files(folder, MOSES[name])
    if model_type:
        (folder / "config.json").write_text(json.dumps({"model_type": model_type}))
    return folder


class Encoding:
    def __init__(self, ids, type_ids):
        self.ids, self.type_ids = ids, type_ids


class PythonTokenizer:
    """A tokenizer that transformers has in Python only, with the interface of tokenizers.Tokenizer."""

    def __init__(self, tokenizer):
        self.tokenizer = tokenizer
        self.options = {}

    def no_truncation(self):
        self.options = {}

    def no_padding(self):
        pass

    def enable_truncation(self, length):
        self.options = {"truncation": True, "max_length": length}

    def encode(self, text, pair=None):
        encoded = self.tokenizer([text], None if pair is None else [pair], **self.options)
        ids = encoded["input_ids"][0]
        return Encoding(ids, encoded["token_type_ids"][0] if "token_type_ids" in encoded else [0] * len(ids))

    def encode_batch_fast(self, texts):
        return [Encoding(ids, []) for ids in self.tokenizer(texts)["input_ids"]]

    def get_vocab(self):
        return self.tokenizer.get_vocab()

    def id_to_token(self, index):
        return self.tokenizer.convert_ids_to_tokens(index)


def load_reference(name, folder):
    """The family as tokenizers.Tokenizer, or what looks like one, without truncation and padding."""
    model_type, _ = FAMILIES[name]
    if model_type:
        from transformers import AutoTokenizer
        tokenizer = AutoTokenizer.from_pretrained(folder)
        tokenizer = tokenizer.backend_tokenizer if tokenizer.is_fast else PythonTokenizer(tokenizer)
    else:
        from tokenizers import Tokenizer
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer

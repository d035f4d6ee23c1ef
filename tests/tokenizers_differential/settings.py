"""Random checkpoint folders of tokenizers: the files beside the vocabulary, with settings of every kind.

The vocabularies are those of ../checkpoints_differential, of every family; the settings are drawn anew.
"""

import json
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "checkpoints_differential"))

from tokenizer_folders import SIZES, train_all  # noqa: F401

ROLES = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"]
# name: (model type of config.json, class without "Tokenizer", vocabulary files {target: trained file})
WORDS, LETTERS = {"vocab.txt": "bert-{}-vocab.txt"}, {"vocab.json": "roberta-{}-vocab.json", "merges.txt": "roberta-{}-merges.txt"}
KINDS = {
    "bert": ("bert", "Bert", WORDS),
    "distilbert": ("distilbert", "DistilBert", WORDS),
    "electra": ("electra", "Electra", WORDS),
    "convbert": ("convbert", "ConvBert", WORDS),
    "mobilebert": ("mobilebert", "MobileBert", WORDS),
    "squeezebert": ("squeezebert", "SqueezeBert", WORDS),
    "layoutlm": ("layoutlm", "LayoutLM", WORDS),
    "lxmert": ("lxmert", "Lxmert", WORDS),
    "mpnet": ("mpnet", "MPNet", {"vocab.txt": "mpnet-{}-vocab.txt"}),
    "roberta": ("roberta", "Roberta", LETTERS),
    "longformer": ("longformer", "Longformer", LETTERS),
    "bart": ("bart", "Bart", LETTERS),
    "deberta": ("deberta", "Deberta", LETTERS),
    "herbert": ("bert", "Herbert", {"vocab.json": "herbert-{}-vocab.json", "merges.txt": "herbert-{}-merges.txt"}),
    "xlm-roberta": ("xlm-roberta", "XLMRoberta", {"sentencepiece.bpe.model": "xlm-roberta-{}.model"}),
    "camembert": ("camembert", "Camembert", {"sentencepiece.bpe.model": "camembert-{}.model"}),
    "albert": ("albert", "Albert", {"spiece.model": "albert-{}.model"}),
    "deberta-v2": ("deberta-v2", "DebertaV2", {"spm.model": "deberta-v2-{}.model"}),
    "xlnet": ("xlnet", "XLNet", {"spiece.model": "xlnet-{}.model"}),
    "rembert": ("rembert", "RemBert", {"sentencepiece.model": "rembert-{}.model"}),
    "big_bird": ("big_bird", "BigBird", {"spiece.model": "big_bird-{}.model"}),
    "generic": ("bert", "PreTrained", {}),
}
CONTENTS = ["covid19", "@user", "<url>", "hello", "HELLO", "Hello", "[NEW]", "new york", "é", "Ünï", "don't", " ", "\t",
            "##ing", "Ġthe", "▁the", "a", "the", "<ent>", "😀", "中", "  x", "[CLS]", "[SEP]", "[PAD]", "[UNK]", "[MASK]",
            "<s>", "</s>", "<pad>", "<unk>", "<mask>", "<cls>", "<sep>", "<special0>", "<eop>", "<s>NOTUSED"]


class Vocabularies:
    """The vocabulary files, trained once, and the tokenizer.json that transformers makes of each."""

    def __init__(self, tweets, folder):
        self.folder = folder
        folder.mkdir()
        train_all(tweets, folder)
        self._forms = {}

    def write(self, kind, size, folder):
        for target, source in KINDS[kind][2].items():
            shutil.copy(self.folder / source.format(size), folder / target)

    def form(self, kind, size):
        """tokenizer.json, parsed."""
        if (kind, size) not in self._forms:
            import transformers
            files = self.folder / f"form-{kind}-{size}"
            files.mkdir()
            self.write(kind, size, files)
            fast = getattr(transformers, KINDS[kind][1] + "TokenizerFast").from_pretrained(files)
            self._forms[kind, size] = fast.backend_tokenizer.to_str()
        return json.loads(self._forms[kind, size])


class SettingsFolder:
    """One random folder. `tokens` are texts that its tokens are found in."""

    def __init__(self, chance, vocabularies, folder):
        self.chance, self.folder = chance, folder
        self.kind = chance.choice(list(KINDS))
        self.model_type, self.name, files = KINDS[self.kind]
        size = chance.choice(SIZES)
        self.has_json = not files or self.maybe()
        origin = chance.choice([kind for kind in KINDS if KINDS[kind][2]]) if not files or (
            self.has_json and self.maybe(0.1)) else self.kind
        self.form = vocabularies.form(origin, size)
        self.vocabulary = self._list_vocabulary()
        self.contents = [*CONTENTS, *chance.sample(list(self.vocabulary), 5)]
        self.new_id = len(self.vocabulary)
        self.tokens = [*chance.sample(list(self.vocabulary), 40)]
        folder.mkdir()
        if not self.has_json or self.maybe(0.3):
            vocabularies.write(self.kind, size, folder)
        if self.has_json:
            self._write("tokenizer.json", self._vary_form())
        self._write("config.json", {"model_type": self.model_type})
        self._write_settings()

    def maybe(self, probability=0.5):
        return self.chance.random() < probability

    def _write(self, name, value):
        (self.folder / name).write_text(json.dumps(value), encoding="utf-8")

    def _list_vocabulary(self):
        vocabulary = self.form["model"]["vocab"]
        if isinstance(vocabulary, dict):
            return vocabulary
        return {piece: index for index, (piece, _) in enumerate(vocabulary)}

    def content(self):
        content = self.chance.choice(self.contents)
        self.tokens.append(content)
        return content

    def flags(self, omitted=0.0):
        names = ["lstrip", "rstrip", "single_word", "normalized", "special"]
        return {name: self.maybe(0.4) for name in names if not self.maybe(omitted)}

    def _vary_form(self):
        form, chance = self.form, self.chance
        if self.maybe(0.5):
            added = form["added_tokens"]
            for token in added:
                if self.maybe(0.2):
                    token.update(self.flags(0.7))
            for _ in range(chance.choice([0, 1, 3])):
                content = self.content()
                entry = {"id": self.id_of(content), "content": content, **self.flags()}
                added.append(entry)
            added.sort(key=lambda token: token["id"])
        normalizer = form["normalizer"]
        if normalizer and normalizer["type"] == "BertNormalizer" and self.maybe():
            normalizer.update(lowercase=self.maybe(), strip_accents=chance.choice([None, True, False]),
                              handle_chinese_chars=self.maybe(), clean_text=self.maybe(0.8))
            if self.maybe(0.2):
                form["normalizer"] = {"type": "Sequence", "normalizers": [normalizer]}
        if form["pre_tokenizer"]["type"] == "ByteLevel" and self.maybe():
            form["pre_tokenizer"]["add_prefix_space"] = self.maybe()
        if self.maybe(0.2):
            form["truncation"] = {"direction": chance.choice(["Left", "Right"]), "max_length": 12,
                                  "strategy": "LongestFirst", "stride": 0}
        if self.maybe(0.2):
            form["padding"] = {"strategy": {"Fixed": 20}, "direction": chance.choice(["Left", "Right"]),
                               "pad_to_multiple_of": None, "pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]"}
        return form

    def id_of(self, content):
        if content in self.vocabulary:
            return self.vocabulary[content]
        self.new_id += self.chance.choice([1, 1, 1, 4])
        return self.new_id - 1

    def named(self, typed):
        """A special token as a text or an object; tokenizer_config.json's objects say their type."""
        content = self.content()
        if self.maybe(0.6):
            return content
        return {**({"__type": "AddedToken"} if typed else {}), "content": content, **self.flags(0.4)}

    def _roles(self, typed, probability):
        out = {}
        for role in ROLES:
            if self.maybe(probability):
                out[role] = self.named(typed)
        if self.maybe(probability):
            out["additional_special_tokens"] = [self.named(typed) for _ in range(self.chance.randrange(4))]
        return out

    def _write_settings(self):
        config = self._options() if self.maybe(0.9) else {}
        legacy = self.maybe(0.5)
        if config and self.maybe(0.4):
            config.update(self._roles(typed=True, probability=0.15))
        if self.maybe(0.1):
            config["extra_special_tokens"] = {f"{name}_token": self.content() for name in ("image", "audio")}
        if self.maybe(0.05):
            config[self.chance.choice(["mask_token", "bos_token", "pad_token"])] = None
        if not legacy:
            config["added_tokens_decoder"] = {str(self.id_of(content)): {"content": content, **self.flags(0.2)}
                                              for content in {self.content() for _ in range(self.chance.randrange(6))}}
        if self.kind in ("generic", "herbert") or self.maybe(0.6):
            config["tokenizer_class"] = self.name + "Tokenizer" + self.chance.choice(
                ["Fast"] if self.kind == "generic" else ["Fast", ""])
        if config or self.maybe():
            self._write("tokenizer_config.json", config)
        if self.maybe(0.5):
            self._write("special_tokens_map.json", self._roles(typed=False, probability=0.2))
        if legacy and self.maybe(0.6):
            self._write("added_tokens.json", {content: self.id_of(content) for content in
                                              {self.content() for _ in range(self.chance.randrange(1, 5))}})

    def _options(self):
        choices = {
            "do_lower_case": [True, False], "strip_accents": [True, False, None], "tokenize_chinese_chars": [True, False],
            "do_basic_tokenize": [True, False], "add_prefix_space": [True, False], "keep_accents": [True, False],
            "split_by_punct": [True, False], "remove_space": [True, False], "truncation_side": ["left", "right"],
            "padding_side": ["left", "right"], "model_max_length": [12, 20, 33, 512, 10**30],
            "clean_up_tokenization_spaces": [True, False], "split_special_tokens": [True, False, False],
            "model_input_names": [["input_ids", "attention_mask"], ["input_ids", "token_type_ids", "attention_mask"]]}
        rare = {"split_special_tokens": 0.1, "model_input_names": 0.1}
        return {key: self.chance.choice(values) for key, values in choices.items() if self.maybe(rare.get(key, 0.35))}

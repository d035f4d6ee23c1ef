"""Makes whole checkpoint folders, tokenizer files and all, and what transformers makes of texts with them.

    python tests/goldens/whole_folders/make_goldens.py [NAME...]

One tiny random model for each tokenizer class that has no folder elsewhere in the goldens, saved as its slow
tokenizer saves it, without tokenizer.json; vocabularies are made of the sample tweets. golden.jsonl has one
object a line: "text", maybe "text_pair", "ids", "type_ids" and "logits" (float64 arithmetic, eager
attention, one text at a time). Needs torch 2.15.0, transformers 4.57.6, tokenizers 0.22.2, sentencepiece
0.2.3, safetensors 0.8.0, protobuf 7.36.2, sacremoses 0.1.1.
"""

import csv
import json
import shutil
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import sentencepiece
import torch
import transformers as hf
from safetensors.torch import save_file
from tokenizers import CharBPETokenizer

VERSIONS = {"torch": "2.15.0", "transformers": "4.57.6", "tokenizers": "0.22.2", "sentencepiece": "0.2.3",
            "safetensors": "0.8.0", "protobuf": "7.36.2", "sacremoses": "0.1.1"}
HERE = Path(__file__).resolve().parent
TWEETS = HERE.parents[2] / "examples" / "tweets.csv"
XLM = dict(emb_dim=18, n_layers=1, n_heads=3, max_position_embeddings=64, num_labels=2)
SIZES = dict(hidden_size=18, num_hidden_layers=1, num_attention_heads=3, intermediate_size=22,
             max_position_embeddings=64, num_labels=2)
MARKS = dict(user_defined_symbols="[CLS],[SEP],[MASK]")
XLNET = dict(user_defined_symbols="<cls>,<sep>,<pad>,<mask>,<eod>,<eop>", unk_id=0, bos_id=1, eos_id=2, pad_id=-1)
CASES = {
    "xlnet": (hf.XLNetTokenizer, XLNET, hf.XLNetForSequenceClassification,
              dict(d_model=18, n_layer=1, n_head=3, d_inner=22, num_labels=2)),
    "rembert": (hf.RemBertTokenizer, MARKS | dict(pad_id=0, unk_id=1, bos_id=-1, eos_id=-1, pad_piece="[PAD]",
                                                  unk_piece="[UNK]"),
                hf.RemBertForSequenceClassification, SIZES | dict(input_embedding_size=10)),
    "big_bird": (hf.BigBirdTokenizer, MARKS | dict(pad_id=0, eos_id=1, bos_id=2, unk_id=3),
                 hf.BigBirdForSequenceClassification, SIZES | dict(attention_type="original_full")),
    "herbert": (hf.HerbertTokenizerFast, None, hf.BertForSequenceClassification, SIZES),
    "xlm": (hf.XLMTokenizer, None, hf.XLMForSequenceClassification, XLM),
    "flaubert": (hf.FlaubertTokenizer, None, hf.FlaubertForSequenceClassification, XLM),
}
# Dialogue that Moses' rules for quotes, dots, commas and abbreviations look at.
MOSES = ["Mr. Smith isn't in the U.S.A. ... ``really''?!", "p. 12, No. 5 and no. They said \"stop.\" Then, 1,000.5 % (or so) : ok",
         "L'été, c'est «\u00a0beau\u00a0» ; n\u00ba\u00a07 — 10\u00a0000 \u20ac\u00a0! M. Dupont a dit \"oui\", etc.",
         "\uff08\uff11\uff12\uff09\u3002 \u300c\u3042\u300d\uff0e x", "'tis rock 'n' roll' .'", "\u03a3\u0391\u03a3 \u0130stanbul </S> A\u030a"]


def read_tweets():
    with open(TWEETS, encoding="utf-8", newline="") as file:
        return [row["text"] for row in csv.DictReader(file)]


def make_inputs(tweets):
    texts = tweets[:60] + ["", "  two  spaces ", "Żółć gęślą jaźń", "naïve café ＡＢＣ 12, 3,", "``quoted''",
                           "with [MASK] and <mask> and </s>", "a\tb\nc"]
    return [(text, None) for text in texts] + list(zip(tweets[:12], tweets[12:24]))


def drop_first_line(path):
    """fastBPE's codes have no line of their version."""
    path.write_text(path.read_text(encoding="utf-8").split("\n", 1)[1], encoding="utf-8")


def make_tokenizer(tokenizer_class, specials, tweets, folder):
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch) / "tweets.txt"
        source.write_text("\n".join(tweets), encoding="utf-8")
        if specials is None:
            trained = CharBPETokenizer(suffix="</w>", unk_token="<unk>")
            trained.train([str(source)], vocab_size=1500, suffix="</w>", show_progress=False,
                          special_tokens=["<s>", "<unk>", "<pad>", "</s>", "<mask>"])
            trained.save_model(scratch)
            if tokenizer_class in (hf.XLMTokenizer, hf.FlaubertTokenizer):
                drop_first_line(Path(scratch) / "merges.txt")
            tokenizer = tokenizer_class(f"{scratch}/vocab.json", f"{scratch}/merges.txt")
        else:
            sentencepiece.SentencePieceTrainer.train(
                input=str(source), model_prefix=f"{scratch}/spm", vocab_size=700, minloglevel=2,
                normalization_rule_name="nfkc", character_coverage=1.0, **specials)
            tokenizer = tokenizer_class(f"{scratch}/spm.model")
        tokenizer.save_pretrained(folder)
    (folder / "tokenizer.json").unlink(missing_ok=True)
    return hf.AutoTokenizer.from_pretrained(folder)


def make_model(model_class, settings, tokenizer, generator):
    config = model_class.config_class(**settings, vocab_size=len(tokenizer), pad_token_id=tokenizer.pad_token_id)
    config.architectures = [model_class.__name__]
    config._attn_implementation = "eager"
    model = model_class(config).eval()
    for name, parameter in model.named_parameters():
        values = torch.randn(parameter.shape, generator=generator) * 0.3
        parameter.data = values + 1 if parameter.dim() == 1 and name.endswith("weight") else values
    return model


@torch.no_grad()
def judge(model, encoded):
    return model(**{name: torch.tensor(values) for name, values in encoded.items()}).logits[0].tolist()


def write_case(name, number, tweets):
    tokenizer_class, specials, model_class, settings = CASES[name]
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    tokenizer = make_tokenizer(tokenizer_class, specials, tweets, folder)
    model = make_model(model_class, settings, tokenizer, torch.Generator().manual_seed(number))
    save_file({n: t.contiguous() for n, t in model.state_dict().items()}, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(json.loads(model.config.to_json_string()), indent=2) + "\n")
    model = model.double()
    with open(folder / "golden.jsonl", "w", encoding="utf-8") as file:
        moses = [(text, None) for text in MOSES] if name in ("xlm", "flaubert") else []
        for text, pair in make_inputs(tweets) + moses:
            encoded = tokenizer([text], None if pair is None else [pair], truncation=True, max_length=64)
            record = {"text": text} if pair is None else {"text": text, "text_pair": pair}
            record |= {"ids": encoded["input_ids"][0],
                       "type_ids": encoded.get("token_type_ids", [[0] * len(encoded["input_ids"][0])])[0],
                       "logits": judge(model, encoded)}
            file.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n")


def main():
    for package, wanted in VERSIONS.items():
        found = version(package).split("+")[0]
        if found != wanted:
            raise SystemExit(f"{package} {wanted} is needed, {found} is installed")
    tweets = read_tweets()
    for number, name in enumerate(CASES):
        if len(sys.argv) == 1 or name in sys.argv[1:]:
            write_case(name, number, tweets)


if __name__ == "__main__":
    main()

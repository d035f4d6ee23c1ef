"""Writes what simpletransformers' predict() makes of long texts with sliding windows.

    python tests/goldens/sliding_windows/make_goldens.py

Three checkpoint folders with small random weights and small vocabularies made of the sample tweets. Each has golden.jsonl, one object a
line: "text", "windows" (ids of each), "window_logits" (float64 arithmetic, eager attention, one window
at a time), "label" and "logits". Windows and votes follow simpletransformers 0.70.5:
classification_utils.convert_example_to_feature_sliding_window and ClassificationModel.predict.
Needs torch 2.15.0, transformers 4.57.6, tokenizers 0.22.2, safetensors 0.8.0.
"""

import csv
import json
import shutil
from collections import Counter
from importlib.metadata import version
from pathlib import Path

import torch
import transformers as hf
from safetensors.torch import save_file
from tokenizers import BertWordPieceTokenizer, ByteLevelBPETokenizer

VERSIONS = {"torch": "2.15.0", "transformers": "4.57.6", "tokenizers": "0.22.2", "safetensors": "0.8.0"}
HERE = Path(__file__).resolve().parent
EXAMPLES = HERE.parents[2] / "examples"

# simpletransformers' MODELS_WITH_EXTRA_SEP_TOKEN and MODELS_WITH_ADD_PREFIX_SPACE, which are equal.
EXTRA_SEPARATOR = ["roberta", "camembert", "xlmroberta", "longformer", "mpnet", "nystromformer"]
SIZES = dict(hidden_size=18, num_hidden_layers=1, num_attention_heads=3, intermediate_size=22,
             max_position_embeddings=40)
CASES = {
    "bert": ("bert", dict(num_labels=4),
             dict(max_seq_length=24, stride=0.8, tie_value=2, labels_list=["a", "b", "c", "d"])),
    "roberta": ("roberta", dict(num_labels=3), dict(max_seq_length=20, stride=7, tie_value=0)),
    "regression": ("roberta", dict(num_labels=1),
                   dict(max_seq_length=16, stride=0.5, tie_value=1, regression=True)),
}


def read_tweets():
    with open(EXAMPLES / "tweets.csv", encoding="utf-8", newline="") as file:
        return [row["text"] for row in csv.DictReader(file)]


def make_texts(tweets):
    joined = [" ".join(tweets[i:i + 1 + i % 4]) for i in range(40)]
    return joined + [" begins with a space " + tweets[0] * 3, "", " ", "word " * 18, "word " * 19, "x" * 900]


def check_versions():
    for package, wanted in VERSIONS.items():
        found = version(package).split("+")[0]
        if found != wanted:
            raise SystemExit(f"{package} {wanted} is needed, {found} is installed")


def make_tokenizer(folder, model_type, tweets):
    if model_type == "bert":
        trained = BertWordPieceTokenizer(lowercase=True)
        trained.train_from_iterator(tweets, vocab_size=300, show_progress=False)
        trained.save_model(str(folder))
        tokenizer = hf.BertTokenizerFast(str(folder / "vocab.txt"))
    else:
        trained = ByteLevelBPETokenizer()
        trained.train_from_iterator(tweets, vocab_size=400, show_progress=False,
                                    special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
        trained.save_model(str(folder))
        tokenizer = hf.RobertaTokenizerFast(str(folder / "vocab.json"), str(folder / "merges.txt"))
    tokenizer.save_pretrained(folder)
    return tokenizer


def make_model(model_type, settings, tokenizer, generator):
    config_class, model_class = {
        "bert": (hf.BertConfig, hf.BertForSequenceClassification),
        "roberta": (hf.RobertaConfig, hf.RobertaForSequenceClassification)}[model_type]
    config = config_class(**SIZES, **settings, vocab_size=len(tokenizer), pad_token_id=tokenizer.pad_token_id)
    config.architectures = [model_class.__name__]
    config._attn_implementation = "eager"
    model = model_class(config).eval()
    for name, parameter in model.named_parameters():
        values = torch.randn(parameter.shape, generator=generator) * 0.4
        parameter.data = values + 1 if parameter.dim() == 1 and name.endswith("weight") else values
    return model


def cut(text, tokenizer, model_type, args):
    extra = model_type in EXTRA_SEPARATOR
    stride = args["stride"]
    if stride < 1:
        stride = int(args["max_seq_length"] * stride)
    bucket = args["max_seq_length"] - (3 if extra else 2)
    if extra and not text.startswith(" "):
        text = " " + text
    tokens = tokenizer.tokenize(text)
    sets = [tokens]
    if len(tokens) > bucket:
        sets = [tokens[i:i + bucket] for i in range(0, len(tokens), stride)]
    return [tokenizer.convert_tokens_to_ids([tokenizer.cls_token] + tokens + [tokenizer.sep_token])
            for tokens in sets]


def decide(window_logits, args):
    if args.get("regression"):
        return 0
    counts = Counter(max(range(len(row)), key=row.__getitem__) for row in window_logits).most_common()
    if len(counts) > 1 and counts[0][1] == counts[1][1]:
        return args["tie_value"]
    return counts[0][0]


@torch.no_grad()
def judge(model, ids):
    return model(input_ids=torch.tensor([ids])).logits[0].tolist()


@torch.no_grad()
def balance(model, windows):
    """Shifts the logits so that no class wins everywhere."""
    mean = torch.tensor([judge(model, ids) for ids in windows]).mean(0)
    head = model.classifier
    bias = (head if isinstance(head, torch.nn.Linear) else head.out_proj).bias
    bias -= mean


def write_case(name, number, tweets):
    model_type, settings, args = CASES[name]
    folder = HERE / name
    folder.mkdir()
    tokenizer = make_tokenizer(folder, model_type, tweets)
    model = make_model(model_type, settings, tokenizer, torch.Generator().manual_seed(number))
    texts = make_texts(tweets)
    balance(model, [ids for text in texts for ids in cut(text, tokenizer, model_type, args)])
    save_file({n: t.float().contiguous() for n, t in model.state_dict().items()}, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(json.loads(model.config.to_json_string()), indent=2) + "\n")
    model_args = args | dict(sliding_window=True, model_type=model_type, model_class="ClassificationModel")
    (folder / "model_args.json").write_text(json.dumps(model_args) + "\n")
    model = model.double()
    with open(folder / "golden.jsonl", "w", encoding="utf-8") as file:
        for text in texts:
            windows = cut(text, tokenizer, model_type, args)
            logits = [judge(model, ids) for ids in windows]
            mean = [sum(column) / len(column) for column in zip(*logits)]
            record = {"text": text, "windows": windows, "window_logits": logits,
                      "label": decide(logits, args), "logits": mean}
            file.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n")


def main():
    check_versions()
    tweets = read_tweets()
    for number, name in enumerate(CASES):
        shutil.rmtree(HERE / name, ignore_errors=True)
        write_case(name, number, tweets)


if __name__ == "__main__":
    main()

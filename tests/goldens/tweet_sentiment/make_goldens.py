"""Writes golden.jsonl: what transformers makes of the sample tweets with the bundled model.

    python tests/goldens/tweet_sentiment/make_goldens.py

One JSON object a line: "text" (and "text_pair"), "ids" (the fast tokenizer's, special tokens
included, cut at max_seq_length) and "logits" (float64 arithmetic, eager attention). Run it again
whenever examples/tweet-sentiment or examples/tweets.csv changes. Needs
torch 2.15.0, transformers 4.57.6, tokenizers 0.22.2.
"""

import csv
import json
from importlib.metadata import version
from pathlib import Path

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

VERSIONS = {"torch": "2.15.0", "transformers": "4.57.6", "tokenizers": "0.22.2"}
HERE = Path(__file__).resolve().parent
EXAMPLES = HERE.parents[2] / "examples"
MODEL = EXAMPLES / "tweet-sentiment"
SENTENCES = ["Today is the first day of my new job, so excited", "Hello I love you",
             "This is a test"]
LONG = "still waiting for the recruiter to call back and " * 20
PAIRS = [
    ("I got the job!", "Congratulations, well deserved."),
    ("Is anybody hiring?", "No, we had to let ten people go today 😞"),
    ("", "the first text is empty"),
    ("the second text is empty", ""),
    ("a short question?", LONG),
    (LONG, "a short answer"),
    (LONG, LONG.upper()),
]


def check_versions():
    for package, wanted in VERSIONS.items():
        found = version(package).split("+")[0]
        if found != wanted:
            raise SystemExit(f"{package} {found} found, the goldens are made with {wanted}")


def read_inputs():
    with open(EXAMPLES / "tweets.csv", encoding="utf-8", newline="") as file:
        tweets = [row["text"] for row in csv.DictReader(file)]
    return [(text, None) for text in SENTENCES + tweets] + PAIRS


@torch.no_grad()
def judge(model, encoded):
    inputs = {name: torch.tensor([values]) for name, values in encoded.items()}
    return model(**inputs).logits[0]


def load_model(dtype):
    return AutoModelForSequenceClassification.from_pretrained(
        MODEL, dtype=dtype, attn_implementation="eager").eval()


def main():
    check_versions()
    tokenizer = AutoTokenizer.from_pretrained(MODEL, use_fast=True)
    length = json.loads((MODEL / "model_args.json").read_text())["max_seq_length"]
    exact, single = load_model(torch.float64), load_model(torch.float32)
    distance = 0.0
    with open(HERE / "golden.jsonl", "w", encoding="utf-8", newline="\n") as file:
        for text, pair in read_inputs():
            # As a batch of one: called with two strings, transformers takes an empty second text for none.
            batch = tokenizer([text], None if pair is None else [pair], truncation=True, max_length=length)
            encoded = {name: values[0] for name, values in batch.items()}
            logits = judge(exact, encoded)
            distance = max(distance, (logits - judge(single, encoded)).abs().max().item())
            record = {"text": text} if pair is None else {"text": text, "text_pair": pair}
            record |= {"ids": encoded["input_ids"], "logits": logits.tolist()}
            file.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n")
    print(f"torch's float32 logits are at most {distance:.1e} from these")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Fine-tunes the encoder of a checkpoint for another of TweetEval's tasks: a second real classifier to verify and tune.

usage: make_model.py BASE_FOLDER TWEETEVAL_FOLDER OUTPUT_FOLDER [--task sentiment] [--texts 12000] [--epochs 1]

Prints the accuracy on the task's test tweets. Seeds are fixed, yet figures differ a little from one CPU to the next.
Needs .venv-bench.
"""

import argparse
import gzip
import random
from pathlib import Path

import torch
import transformers as hf

SEED = 9
BATCH = 32
MAX_LENGTH = 64


def read_lines(folder, split, kind):
    """The lines of train_text.txt and its like; a rebuilt file stands in for one that was not published."""
    for name in (f"{split}_{kind}.reconstructed.txt", f"{split}_{kind}.txt"):
        for path, opened in ((folder / name, open), (folder / f"{name}.gz", gzip.open)):
            if path.exists():
                with opened(path, "rt", encoding="utf-8", newline="\n") as file:
                    return file.read().rstrip("\n").split("\n")
    raise SystemExit(f"{folder} holds no {split}_{kind}.txt")


def read_examples(folder, split):
    return list(zip(read_lines(folder, split, "text"), map(int, read_lines(folder, split, "labels")), strict=True))


def logits_of(model, tokenizer, texts):
    return model(**tokenizer(texts, padding=True, truncation=True, max_length=MAX_LENGTH, return_tensors="pt")).logits


def train(model, tokenizer, examples, epochs):
    steps = epochs * -(-len(examples) // BATCH)
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-5, weight_decay=0.01)
    scheduler = hf.get_linear_schedule_with_warmup(optimizer, steps // 16, steps)
    model.train()
    for _ in range(epochs):
        random.shuffle(examples)
        for begin in range(0, len(examples), BATCH):
            texts, labels = zip(*examples[begin:begin + BATCH])
            loss = torch.nn.functional.cross_entropy(logits_of(model, tokenizer, list(texts)), torch.tensor(labels))
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            scheduler.step()
            optimizer.zero_grad()


@torch.no_grad()
def accuracy(model, tokenizer, examples):
    model.eval()
    right = 0
    for begin in range(0, len(examples), BATCH):
        texts, labels = zip(*examples[begin:begin + BATCH])
        right += (logits_of(model, tokenizer, list(texts)).argmax(-1) == torch.tensor(labels)).sum().item()
    return right / len(examples)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("base", "tweeteval", "output"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--task", default="sentiment")
    parser.add_argument("--texts", type=int, default=12_000)
    parser.add_argument("--epochs", type=int, default=1)
    arguments = parser.parse_args()
    random.seed(SEED)
    torch.manual_seed(SEED)
    examples = read_examples(arguments.tweeteval / arguments.task, "train")
    random.shuffle(examples)
    tokenizer = hf.AutoTokenizer.from_pretrained(arguments.base)
    model = hf.AutoModelForSequenceClassification.from_pretrained(
        arguments.base, num_labels=1 + max(label for _, label in examples), ignore_mismatched_sizes=True)
    train(model, tokenizer, examples[:arguments.texts], arguments.epochs)
    print(f"accuracy on the test tweets: {accuracy(model, tokenizer, read_examples(arguments.tweeteval / arguments.task, 'test')):.3f}")
    model.save_pretrained(arguments.output)
    tokenizer.save_pretrained(arguments.output)


if __name__ == "__main__":
    main()

"""The texts of the benchmarks."""

import csv
import gzip

from models import ROOT

TWEETS = ROOT.parent / "shared" / "data" / "tweeteval" / "emoji" / "test_text.txt.gz"


def read_texts(path, count):
    """`count` texts of a file, over and over; the bundled tweets where it is absent."""
    if not path.exists():
        with open(ROOT / "examples" / "tweets.csv", encoding="utf-8", newline="") as file:
            texts = [" ".join(row["text"].split()) for row in csv.DictReader(file)]
    else:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8", newline="\n") as file:
            texts = file.read().split("\n")[:-1]
    return (texts * (count // len(texts) + 1))[:count]


def write_lines(path, texts):
    path.write_text("".join(text + "\n" for text in texts), encoding="utf-8", newline="\n")

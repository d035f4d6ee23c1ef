"""The texts of the golden hashes, and how ids are hashed."""

import sys
import zlib
from array import array
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "tokenizers_differential"))

from texts import tricky, tweets  # noqa: E402

# The genuine tokenizers of ../shared/data/tokenizers, by their names in families.py; BERTweet's as somebody
# converted it, and in its own file format.
NAMES = ["albert-base-v2", "bert-base-cased", "bert-base-multilingual-cased", "bert-base-portuguese-cased",
         "bert-base-spanish-wwm-cased", "bert-base-spanish-wwm-uncased", "bert-base-turkish-128k-uncased",
         "bert-base-uncased", "bertweet-json", "bertweet-base", "camembert-base", "camemberta-base",
         "deberta-v3-base", "modernbert-base", "mpnet-base", "roberta-base", "robertuito-base-uncased",
         "xlm-roberta-base"]
BLOCK = 64  # texts


def read_corpus(shared):
    """Every tweet and every tricky text."""
    return tweets(shared) + tricky(shared)


def corpus_hash(texts):
    value = 0
    for text in texts:
        value = zlib.crc32(text.encode("utf-8") + b"\0", value)
    return f"{value:08x} {len(texts)}"


def block_hashes(encodings):
    """CRC-32 of each block's ids, every text's after their number."""
    out, value, count = [], 0, 0
    for ids in encodings:
        value = zlib.crc32(array("i", [len(ids), *ids]).tobytes(), value)
        count += 1
        if count == BLOCK:
            out.append(f"{value:08x}")
            value = count = 0
    if count:
        out.append(f"{value:08x}")
    return out


def golden_path(name):
    return HERE / f"{name}.txt"


def read_golden(name):
    """The corpus that it is of, and the hashes."""
    first, *lines = golden_path(name).read_text(encoding="ascii").splitlines()
    return first, "".join(lines).split()

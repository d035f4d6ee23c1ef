"""Compares two files of `hasten predict --json`, or writes a table's texts in reverse order.

usage: compare_logits.py REFERENCE.jsonl OTHER.jsonl PRECISION   prints the largest difference; fails beyond the bound
       compare_logits.py --same A.jsonl B_REVERSED.jsonl          fails unless every logit has the same bits
       compare_logits.py --reverse TABLE.csv OUT.jsonl            the texts, last first
"""

import csv
import json
import sys

BOUNDS = {"fp32": 1e-4, "fp16": 2e-2, "bf16": 2e-2}


def logits(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line)["logits"] for line in file]


def reverse(table, out):
    with open(table, encoding="utf-8", newline="") as file:
        texts = [row["text"] for row in csv.DictReader(file)]
    with open(out, "w", encoding="utf-8") as file:
        for text in reversed(texts):
            file.write(json.dumps({"text": text}) + "\n")


def main():
    if sys.argv[1] == "--reverse":
        return reverse(sys.argv[2], sys.argv[3])
    if sys.argv[1] == "--same":
        if logits(sys.argv[2]) != logits(sys.argv[3])[::-1]:
            sys.exit("scores depend on the batch")
        return print("the same bits in other batches")
    pairs = zip(logits(sys.argv[1]), logits(sys.argv[2]), strict=True)
    largest = max(abs(a - b) for one, other in pairs for a, b in zip(one, other, strict=True))
    print(f"{sys.argv[3]}: largest difference of a logit {largest:.2e}, at most {BOUNDS[sys.argv[3]]:.0e}")
    if not largest <= BOUNDS[sys.argv[3]]:
        sys.exit("the scores differ too much")


if __name__ == "__main__":
    main()

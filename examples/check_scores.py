"""Compares the logits of `hasten predict --json` with golden ones from PyTorch in float64.

usage: check_scores.py SCORES.jsonl GOLDEN.jsonl
"""

import json
import sys

BOUND = 1e-5


def main():
    scores, goldens = ([json.loads(line) for line in open(path, encoding="utf-8")] for path in sys.argv[1:3])
    if len(scores) != len(goldens):
        sys.exit(f"{len(scores)} rows of scores for {len(goldens)} goldens")
    largest = max(abs(ours - theirs) for score, golden in zip(scores, goldens)
                  for ours, theirs in zip(score["logits"], golden["logits"]))
    verdict = "yes" if largest <= BOUND else "NO"
    print(f"{verdict}: {len(scores)} texts, largest difference of a logit {largest:.1e} (bound {BOUND:.0e})")
    sys.exit(0 if largest <= BOUND else 1)


if __name__ == "__main__":
    main()

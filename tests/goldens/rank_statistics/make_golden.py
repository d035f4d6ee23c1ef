"""Makes golden.json, the figures of scipy and numpy that the rank statistics are tested against.

usage: python make_golden.py    (scipy 1.16.3, numpy 2.4.6; about a second)
"""

import json
import math
from pathlib import Path

import numpy
import scipy
from scipy.stats import kendalltau, spearmanr

GENERATOR = numpy.random.default_rng(20240607)


def pairs():
    """name -> two sequences of one length."""
    noise = GENERATOR.normal
    base = noise(size=400)
    yield "independent", base, noise(size=400)
    yield "near", base, base + 0.01 * noise(size=400)
    yield "reversed", base, -base
    yield "equal", base, base
    yield "tied in a", GENERATOR.integers(0, 5, 300), noise(size=300)
    yield "tied in b", noise(size=300), GENERATOR.integers(0, 5, 300)
    tied = GENERATOR.integers(0, 7, 1200)
    yield "tied in both", tied, (tied + GENERATOR.integers(0, 3, 1200)) // 2
    saturated = 1 / (1 + numpy.exp(-8 * base))
    yield "rounded probabilities", saturated.astype(numpy.float32), (saturated + 1e-4 * noise(size=400)).round(3)
    yield "two values", numpy.array([1.0, 2.0]), numpy.array([5.0, 3.0])
    yield "three values, two equal", numpy.array([1.0, 1.0, 2.0]), numpy.array([1.0, 2.0, 2.0])
    yield "constant", numpy.ones(5), numpy.arange(5.0)
    yield "huge and tiny", 10.0 ** GENERATOR.uniform(-300, 300, 50), 10.0 ** GENERATOR.uniform(-300, 300, 50)


def number(value):
    return None if math.isnan(value) else float(value)


def case(name, a, b):
    a, b = numpy.asarray(a, dtype=float), numpy.asarray(b, dtype=float)
    return {
        "name": name, "a": a.tolist(), "b": b.tolist(),
        "spearman": number(spearmanr(a, b).statistic), "kendall": number(kendalltau(a, b).statistic),
        "quantiles": [number(numpy.quantile(a, q)) for q in (0.0, 0.025, 0.5, 0.975, 0.999, 1.0)],
    }


def main():
    golden = {"scipy": scipy.__version__, "numpy": numpy.__version__, "cases": [case(*each) for each in pairs()]}
    path = Path(__file__).with_name("golden.json")
    path.write_text(json.dumps(golden) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

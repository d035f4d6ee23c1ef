"""How well the lower precisions keep the order of the top-scored texts, on real tweets."""

import gzip

import numpy
import pytest

from conftest import SHARED

TWEETS = SHARED / "data" / "tweeteval" / "emoji" / "test_text.txt.gz"
COUNT = 2000


@pytest.fixture(scope="module")
def margins(hasten, minilm, tmp_path_factory):
    """precision -> difference of the two logits of each tweet."""
    with gzip.open(TWEETS, "rt", encoding="utf-8", newline="\n") as file:
        texts = file.read().split("\n")[:COUNT]
    path = tmp_path_factory.mktemp("fidelity") / "texts.txt"
    path.write_text("".join(text + "\n" for text in texts), encoding="utf-8")
    results = {}
    for precision in ("fp32", "bf16", "int8"):
        rows = hasten.json_lines("predict", minilm.converted, "--input", path, "--json", "--quiet", "--precision", precision)
        results[precision] = numpy.array([row["logits"][1] - row["logits"][0] for row in rows])
    return results


def ranks(values):
    result = numpy.empty(len(values))
    result[numpy.argsort(values, kind="stable")] = numpy.arange(len(values))
    return result


@pytest.mark.parametrize("precision, spearman, overlap", [("bf16", 0.9995, 0.99), ("int8", 0.999, 0.98)])
def test_the_order_of_the_top_tenth(margins, precision, spearman, overlap):
    reference, other = margins["fp32"], margins[precision]
    top = numpy.argsort(-reference)[:COUNT // 10]
    assert numpy.corrcoef(ranks(reference[top]), ranks(other[top]))[0, 1] >= spearman
    assert len(set(top) & set(numpy.argsort(-other)[:COUNT // 10])) / (COUNT // 10) >= overlap

"""Comparing scores, with Python's own library."""

import math


def largest_difference(expected, got):
    """Of any logit; infinite where one is no number."""
    differences = [abs(a - b) for one, other in zip(expected, got, strict=True) for a, b in zip(one, other, strict=True)]
    return max(difference if math.isfinite(difference) else math.inf for difference in differences)


def ranks(values):
    """From 1; equal values share the mean of their ranks."""
    order = sorted(range(len(values)), key=values.__getitem__)
    result = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for place in order[start:end]:
            result[place] = (start + end + 1) / 2
        start = end
    return result


def spearman(left, right):
    """The rank correlation; NaN where one side is constant."""
    a, b = ranks(left), ranks(right)
    mean = (len(a) + 1) / 2
    products = sum((x - mean) * (y - mean) for x, y in zip(a, b, strict=True))
    squares = sum((x - mean) ** 2 for x in a) * sum((y - mean) ** 2 for y in b)
    return products / math.sqrt(squares) if squares > 0 else math.nan


def lowest_spearman(expected, got):
    """Over the classes: of a logit's distance from the mean of the others, in which probabilities are ordered."""
    def margins(rows, label):
        return [row[label] - (sum(row) - row[label]) / max(1, len(row) - 1) for row in rows]
    return min(spearman(margins(expected, label), margins(got, label)) for label in range(len(expected[0])))

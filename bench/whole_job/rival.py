"""What every rival's file shares: it reads texts, is timed from strings to probabilities, prints one JSON object.

A rival is a function `open_models(folder, onnx_paths, threads)` that returns {form: `classify(ids, mask) -> logits`}:
the forms in which it can run the model, of which the fastest counts.
Tokenising is by the `tokenizers` package, sorted by length, in batches: the rivals' best way.
"""

import argparse
import json
import resource
import statistics
import time

import numpy


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", required=True, help="checkpoint folder (tokenizer.json)")
    parser.add_argument("--onnx", required=True, nargs="+", help="the model as ONNX: converted, optimised by Hasten")
    parser.add_argument("--texts", required=True, help="one text a line")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=[8, 32])
    parser.add_argument("--max-length", type=int, default=128)
    parser.add_argument("--repetitions", type=int, default=3)
    return parser.parse_args()


def read_lines(path):
    with open(path, encoding="utf-8", newline="\n") as file:
        return file.read().split("\n")[:-1]


def softmax(logits):
    shifted = numpy.exp(logits - logits.max(-1, keepdims=True))
    return shifted / shifted.sum(-1, keepdims=True)


def padded_batches(encodings, batch_size):
    """Batches of texts of similar length: their places, padded ids and masks."""
    order = sorted(range(len(encodings)), key=lambda index: len(encodings[index].ids))
    for start in range(0, len(order), batch_size):
        places = order[start:start + batch_size]
        length = len(encodings[places[-1]].ids)
        ids = numpy.zeros((len(places), length), dtype=numpy.int64)
        mask = numpy.zeros_like(ids)
        for row, place in enumerate(places):
            tokens = encodings[place].ids
            ids[row, :len(tokens)] = tokens
            mask[row, :len(tokens)] = 1
        yield places, ids, mask


def classify_all(tokenizer, classify, texts, batch_size):
    """Probabilities of all texts, in order, and the number of tokens."""
    encodings = tokenizer.encode_batch_fast(texts)
    probabilities = None
    for places, ids, mask in padded_batches(encodings, batch_size):
        rows = softmax(classify(ids, mask))
        if probabilities is None:
            probabilities = numpy.zeros((len(texts), rows.shape[1]), dtype=numpy.float32)
        probabilities[places] = rows
    return probabilities, sum(len(encoding.ids) for encoding in encodings)


def measure(name, open_models, version):
    """Times the rival in its best form and batch size and prints the result."""
    from tokenizers import Tokenizer
    arguments = parse_arguments()
    texts = read_lines(arguments.texts)
    tokenizer = Tokenizer.from_file(arguments.folder + "/tokenizer.json")
    tokenizer.no_padding()
    tokenizer.enable_truncation(arguments.max_length)
    best = None
    for form, classify in open_models(arguments.folder, arguments.onnx, arguments.threads).items():
        for batch_size in arguments.batch_sizes:
            probabilities, tokens = classify_all(tokenizer, classify, texts, batch_size)
            seconds = []
            for _ in range(arguments.repetitions):
                start = time.perf_counter()
                classify_all(tokenizer, classify, texts, batch_size)
                seconds.append(time.perf_counter() - start)
            if best is None or statistics.median(seconds) < best[0]:
                best = (statistics.median(seconds), batch_size, form, probabilities)
    print(json.dumps({
        "name": name, "version": version, "seconds": best[0], "batch_size": best[1], "form": best[2], "tokens": tokens,
        "peak_memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "probabilities": best[3].tolist()}))

"""What every rival's file shares: it prepares its form of a model, searches its best settings, is timed from strings
to probabilities, and prints one JSON object.

A rival's file calls `main(rival)` with an object that has
  name, version: texts;
  precisions: those that it can compute in;
  prepare(job): writes what it needs into job.workspace, once; may take minutes;
  open(job, precision, threads) -> {form: classify(ids, mask) -> logits}: the forms in which it can run the model.
Tokenising is by the `tokenizers` package on all threads, sorted by length, in batches. A lane is a thread of its own
with a model of its own: one lane with all threads and a lane for each thread are both tried.
"""

import argparse
import concurrent.futures
import itertools
import json
import resource
import threading
import time
from pathlib import Path

import numpy

BATCH_SIZES = (8, 32, 64)


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("task", choices=["prepare", "search", "measure", "latency"])
    parser.add_argument("--folder", required=True, type=Path, help="checkpoint folder")
    parser.add_argument("--onnx", required=True, type=Path, help="the model as ONNX, as Hasten converted it")
    parser.add_argument("--optimized-onnx", required=True, type=Path, help="the same after Hasten's optimiser")
    parser.add_argument("--workspace", required=True, type=Path, help="where prepared models stay")
    parser.add_argument("--texts", required=True, type=Path, help="one text a line")
    parser.add_argument("--precision", default="fp32")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--max-length", type=int, default=128)
    parser.add_argument("--repetitions", type=int, default=1)
    parser.add_argument("--settings", type=json.loads, help="what search has printed")
    return parser.parse_args()


def read_lines(path):
    with open(path, encoding="utf-8", newline="\n") as file:
        return file.read().split("\n")[:-1]


def softmax(logits):
    shifted = numpy.exp(logits - logits.max(-1, keepdims=True))
    return shifted / shifted.sum(-1, keepdims=True)


def padded_batches(encodings, batch_size):
    """Batches of texts of similar length, longest first: their places, padded ids and masks."""
    order = sorted(range(len(encodings)), key=lambda index: -len(encodings[index].ids))
    for start in range(0, len(order), batch_size):
        places = order[start:start + batch_size]
        length = len(encodings[places[0]].ids)
        ids = numpy.zeros((len(places), length), dtype=numpy.int64)
        mask = numpy.zeros_like(ids)
        for row, place in enumerate(places):
            tokens = encodings[place].ids
            ids[row, :len(tokens)] = tokens
            mask[row, :len(tokens)] = 1
        yield places, ids, mask


def classify_all(tokenizer, lanes, texts, batch_size):
    """Probabilities of all texts, in order, and the number of tokens."""
    encodings = tokenizer.encode_batch_fast(texts)
    results = {}
    lock = threading.Lock()
    batches = padded_batches(encodings, batch_size)

    def work(classify):
        while True:
            with lock:
                batch = next(batches, None)
            if batch is None:
                return
            places, ids, mask = batch
            results[places[0]] = (places, softmax(classify(ids, mask)))

    if len(lanes) == 1:
        work(lanes[0])
    else:
        with concurrent.futures.ThreadPoolExecutor(len(lanes)) as pool:
            list(pool.map(work, lanes))
    rows = list(results.values())
    probabilities = numpy.zeros((len(texts), rows[0][1].shape[1]), dtype=numpy.float32)
    for places, values in rows:
        probabilities[places] = values
    return probabilities, sum(len(encoding.ids) for encoding in encodings)


def open_lanes(rival, arguments, lanes):
    """form -> the classify functions of its lanes."""
    opened = [rival.open(arguments, arguments.precision, arguments.threads // lanes) for _ in range(lanes)]
    return {form: [each[form] for each in opened] for form in opened[0]}


def search(rival, arguments, tokenizer, texts):
    """The fastest settings, judged on a part of the texts."""
    part = texts[::3]
    best = None
    for lanes in sorted({1, arguments.threads}):
        for (form, classifiers), batch_size in itertools.product(
                open_lanes(rival, arguments, lanes).items(), BATCH_SIZES):
            classify_all(tokenizer, classifiers, part[:4 * batch_size], batch_size)
            start = time.perf_counter()
            classify_all(tokenizer, classifiers, part, batch_size)
            seconds = time.perf_counter() - start
            if best is None or seconds < best[0]:
                best = (seconds, {"form": form, "lanes": lanes, "batch_size": batch_size})
    return best[1] | {"seconds": best[0]}


def measure(rival, arguments, tokenizer, texts):
    settings = arguments.settings
    classifiers = open_lanes(rival, arguments, settings["lanes"])[settings["form"]]
    probabilities, tokens = classify_all(tokenizer, classifiers, texts, settings["batch_size"])
    runs = []
    for _ in range(arguments.repetitions):
        start, processor_start = time.perf_counter(), time.process_time()
        classify_all(tokenizer, classifiers, texts, settings["batch_size"])
        seconds = time.perf_counter() - start
        share = (time.process_time() - processor_start) / (arguments.threads * seconds)
        runs.append({"seconds": seconds, "processor_share": share})
    return {"runs": runs, "tokens": tokens, "probabilities": probabilities.tolist(),
            "peak_memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}


def latency(rival, arguments, tokenizer, texts):
    """Of each form: seconds of single texts, one after the other; the form with the lowest median counts."""
    best = None
    for form, classify in rival.open(arguments, arguments.precision, arguments.threads).items():
        seconds = []
        for text in texts[:20] + texts:
            start = time.perf_counter()
            ids = numpy.array([tokenizer.encode(text).ids], dtype=numpy.int64)
            softmax(classify(ids, numpy.ones_like(ids)))
            seconds.append(time.perf_counter() - start)
        seconds = sorted(seconds[20:])
        median, late = (seconds[(len(seconds) - 1) * percent // 100] for percent in (50, 99))
        if best is None or median < best["median"]:
            best = {"form": form, "median": median, "percentile_99": late}
    return best


def main(rival):
    from tokenizers import Tokenizer
    arguments = parse_arguments()
    if arguments.task == "prepare":
        rival.prepare(arguments)
        result = {"name": rival.name, "version": rival.version, "precisions": rival.precisions}
    else:
        tokenizer = Tokenizer.from_file(str(arguments.folder / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.enable_truncation(arguments.max_length)
        task = {"search": search, "measure": measure, "latency": latency}[arguments.task]
        result = task(rival, arguments, tokenizer, read_lines(arguments.texts))
    print(json.dumps(result))

"""The speed of a card on BERT-base with seeded weights and texts of 24 tokens: against the rate of a large matrix product in
the same run, against rivals, fp8 against bf16, a labelled table, where the time goes."""

import importlib.util
import json
import os
import shutil
import sys
import time

from checks import Failed, Skipped
from inputs import BERT_BASE, ROOT, TINY, make_texts, write_lines, write_model

MOST_ROWS = 100_000_000
LEAST_OF_PEAK = 0.60  # of bf16
LEAST_OVER_RIVAL = 1.5
LEAST_FLOAT8_OVER_BFLOAT16 = 1.5
MOST_MINUTES = 15  # for MOST_ROWS
BLOCK_ROWS = 100_000


def model_of(options):
    folder = options.workspace / "model"
    return folder if folder.exists() else write_model(folder, TINY if options.tiny else BERT_BASE)


def texts_of(options):
    path = options.workspace / "texts.jsonl"
    return path if path.exists() else write_lines(path, make_texts(options.texts))


def bench(runner, options, precision, *more):
    output = runner.run([runner.hasten, "bench", model_of(options), "--input", texts_of(options), "--limit", options.texts,
                         "--device", "cuda", "--precision", precision, "--threads", options.threads, "--json", *more], 90)
    return json.loads(output)


def speed(runner, options):
    """Tokenising included. fp8 and bf16 in turn with each other, the other precisions once."""
    figures = {}
    for precision in ("bf16", "fp8", "bf16", "fp8", "fp16", "fp32"):
        result = bench(runner, options, precision)
        if result["texts_per_second"] > figures.get(precision, {}).get("texts_per_second", 0):
            figures[precision] = {key: result[key] for key in
                                  ("texts_per_second", "tokens_per_second", "flops_per_second", "peak_flops", "peak_ratio")}
            figures[precision]["tokens_per_text"] = result["tokens"] / result["texts"]
    figures["fp8_over_bf16"] = figures["fp8"]["texts_per_second"] / figures["bf16"]["texts_per_second"]
    missed = []
    if figures["bf16"]["peak_ratio"] < LEAST_OF_PEAK:
        missed.append(f"bf16 has {figures['bf16']['peak_ratio']:.0%} of the rate of a matrix product, not {LEAST_OF_PEAK:.0%}")
    if figures["fp8_over_bf16"] < LEAST_FLOAT8_OVER_BFLOAT16:
        missed.append(f"fp8 is {figures['fp8_over_bf16']:.2f}x as fast as bf16, not {LEAST_FLOAT8_OVER_BFLOAT16}x")
    if missed:
        raise Failed("; ".join(missed), figures)
    return figures


def profile(runner, options):
    """Seconds by operation, each waited for; and the kernels' by nsys where it is."""
    figures = {precision: [{key: work[key] for key in ("name", "seconds", "share")}
                           for work in bench(runner, options, precision, "--profile", "--repetitions", 1)["profile"][:12]]
               for precision in ("bf16", "fp8")}
    nsys = shutil.which("nsys")
    if nsys is None:
        figures["nsys"] = "not installed"
        return figures
    report = options.workspace / "nsys"
    runner.run([nsys, "profile", "--force-overwrite", "true", "--cuda-graph-trace=node", "-o", report, runner.hasten, "bench",
                model_of(options), "--input", texts_of(options), "--limit", options.texts, "--device", "cuda", "--precision",
                "bf16", "--threads", options.threads, "--repetitions", 1, "--json"], 90)
    figures["nsys"] = runner.run([nsys, "stats", "--report", "cuda_gpu_kern_sum", "--format", "csv", f"{report}.nsys-rep"],
                                 60).splitlines()[:25]
    return figures


def rivals(runner, options):
    """Each that can be imported, at the best of its batch sizes; ours beside them is bf16's of the step before."""
    figures = {}
    for name, packages in (("torch_compile", ("torch", "transformers", "tokenizers")),
                           ("torch_nested", ("torch", "transformers", "tokenizers")),
                           ("onnxruntime", ("onnxruntime", "tokenizers", "numpy"))):
        missing = [package for package in packages if importlib.util.find_spec(package) is None]
        if missing:
            figures[name] = "not installed: " + ", ".join(missing)
            continue
        onnx = options.workspace / "model.onnx"
        if name == "onnxruntime" and not onnx.exists():
            runner.run([runner.hasten, "convert", model_of(options), options.workspace / "whole.onnx"])
            runner.run([runner.hasten, "optimize", options.workspace / "whole.onnx", onnx, "--float16"])
        try:
            output = runner.run([sys.executable, ROOT / "bench" / "gpu" / "rivals.py", name, model_of(options), onnx,
                                 texts_of(options)], 100)
            figures[name] = json.loads(output.splitlines()[-1])
        except Failed as failure:
            figures[name] = f"failed: {failure.args[0]}"
    measured = {name: value["texts_per_second"] for name, value in figures.items() if isinstance(value, dict)}
    if not measured:
        raise Skipped("; ".join(f"{name} {value}" for name, value in figures.items()))
    ours = bench(runner, options, "bf16")["texts_per_second"]
    figures["over_the_fastest"] = ours / max(measured.values())
    if figures["over_the_fastest"] < LEAST_OVER_RIVAL:
        raise Failed(f"{figures['over_the_fastest']:.2f}x the fastest rival, not {LEAST_OVER_RIVAL}x", figures)
    return figures


def write_table(options):
    """The rows as Parquet where pyarrow is there, else as CSV: blocks of texts, over and over; ids count on."""
    block = make_texts(min(BLOCK_ROWS, options.rows))
    if importlib.util.find_spec("pyarrow") is None:
        path = options.workspace / "rows.csv"
        with open(path, "w", encoding="utf-8") as file:
            file.write("id,text\n")
            for first in range(0, options.rows, len(block)):
                file.write("".join(f"{first + i},{text}\n" for i, text in enumerate(block[:options.rows - first])))
        return path
    import pyarrow
    import pyarrow.parquet as parquet
    path, texts = options.workspace / "rows.parquet", pyarrow.array(block)
    with parquet.ParquetWriter(path, pyarrow.schema({"id": pyarrow.int64(), "text": pyarrow.string()})) as writer:
        for first in range(0, options.rows, len(block)):
            count = min(len(block), options.rows - first)
            writer.write_table(pyarrow.table({"id": pyarrow.array(range(first, first + count)), "text": texts[:count]}))
    return path


def label(runner, options):
    """Rows from a table to a table, every text computed; the time that MOST_ROWS would take."""
    source, output = write_table(options), options.workspace / "labels.parquet"
    began = time.monotonic()
    report = json.loads(runner.run([runner.hasten, "label", "--model", model_of(options), "--input", source, "--output",
                                    output, "--device", "cuda", "--precision", "fp8", "--threads", options.threads, "--dedup",
                                    "none", "--json", "--quiet"], 200))
    seconds = time.monotonic() - began
    if report["rows"] != options.rows:
        raise Failed(f"{report['rows']} rows of {options.rows} were labelled")
    rate = options.rows / report["speed"]["seconds"] if report["speed"].get("seconds") else options.rows / seconds
    figures = {"rows": options.rows, "input": source.suffix[1:], "seconds": seconds, "rows_per_second": rate,
               "minutes_for_100_million": MOST_ROWS / rate / 60}
    if figures["minutes_for_100_million"] > MOST_MINUTES:
        raise Failed(f"100 million rows would take {figures['minutes_for_100_million']:.1f} minutes", figures)
    return figures


def default_threads():
    return max(2, min(32, len(os.sched_getaffinity(0))))

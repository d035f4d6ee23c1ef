"""Files that Hasten optimised beside files that ONNX Runtime optimised, timed in ONNX Runtime in one run.

    .venv-bench/bin/python bench/optimize/run.py --hasten build/release/hasten [--seconds 6]

MiniLM's shape (6 layers of 384, seeded weights) is exported by torch in three ways; each file is optimised by
`hasten optimize` and by onnxruntime.transformers.optimizer. One session each, one thread; batches of 8 texts of 64
tokens, the last half of the rows padded; the sessions take turns, so that both meet the same machine, and the median
counts. Then `hasten optimize` of a BERT-base is timed from a warm cache into a memory file system, best of three, with
its peak of memory. Rewrites the table in docs/numbers.md.
"""

import argparse
import datetime
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy
import onnxruntime
import torch
import transformers
from onnxruntime.transformers import optimizer

sys.path.append(str(Path(__file__).resolve().parents[1]))
import numbers_page  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench" / "whole_job"))
import models  # noqa: E402

warnings.filterwarnings("ignore")
NAMES = ["input_ids", "attention_mask", "token_type_ids"]
EXPORTS = [("TorchScript 14, eager", "eager", 14, False), ("TorchScript 17, SDPA", "sdpa", 17, False),
           ("dynamo 20, SDPA", "sdpa", 20, True)]
HEADS, WIDTH = 12, 384


class Logits(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask, token_type_ids):
        return self.model(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids).logits


def export(attention, opset, dynamo, path):
    torch.manual_seed(1)
    config = transformers.BertConfig(vocab_size=2000, hidden_size=WIDTH, num_hidden_layers=6, num_attention_heads=HEADS,
                                     intermediate_size=4 * WIDTH, num_labels=2, attn_implementation=attention)
    model = Logits(transformers.BertForSequenceClassification(config).eval())
    example = tuple(torch.from_numpy(each) for each in inputs(2, 16).values())
    options = dict(input_names=NAMES, output_names=["logits"], opset_version=opset, dynamo=dynamo)
    if dynamo:
        dims = {0: torch.export.Dim("batch_size"), 1: torch.export.Dim("sequence_length", max=512)}
        options |= dict(dynamic_shapes=[dims] * 3, external_data=False, verbose=False)
    else:
        options |= dict(dynamic_axes={name: {0: "batch_size", 1: "sequence_length"} for name in NAMES})
    with torch.no_grad():
        torch.onnx.export(model, example, str(path), **options)


def inputs(batch, length):
    ids = numpy.random.default_rng(0).integers(5, 2000, (batch, length))
    mask = numpy.ones_like(ids)
    mask[batch // 2:, length // 2:] = 0
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": numpy.zeros_like(ids)}


class Contender:
    def __init__(self, path):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        types = {each.name: numpy.int32 if "int32" in each.type else numpy.int64 for each in self.session.get_inputs()}
        self.feed = {name: values.astype(types[name]) for name, values in inputs(8, 64).items() if name in types}
        self.seconds = []

    def run(self):
        begin = time.perf_counter()
        result = self.session.run(None, self.feed)[0]
        self.seconds.append(time.perf_counter() - begin)
        return result


def time_in_turns(contenders, seconds):
    for contender in contenders:
        contender.run()
        contender.seconds.clear()
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for contender in contenders:
            contender.run()
    return [statistics.median(contender.seconds) for contender in contenders]


def compare(hasten, how, folder, seconds):
    name, attention, opset, dynamo = how
    plain, ours, theirs = (folder / f"{kind}.onnx" for kind in ("plain", "hasten", "ort"))
    export(attention, opset, dynamo, plain)
    subprocess.run([hasten, "optimize", plain, ours, "--quiet", "--strict"], check=True)
    optimizer.optimize_model(str(plain), model_type="bert", num_heads=HEADS, hidden_size=WIDTH).save_model_to_file(str(theirs))
    contenders = [Contender(path) for path in (ours, theirs, plain)]
    results = [contender.run() for contender in contenders]
    times = time_in_turns(contenders, seconds)
    return (name, *times, float(numpy.abs(results[0] - results[2]).max()))


# Runs a command and prints its seconds and its peak of memory in bytes. A process begins with the peak of the one that
# started it, and this one holds torch: hence one in between.
MEASURE = """
import resource, subprocess, sys, time
begin = time.perf_counter()
subprocess.run(sys.argv[1:], check=True)
print(time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss << 10)
"""


def optimize_bert_base(hasten, folder):
    """Best seconds, greatest memory in bytes, and the file's size."""
    checkpoint = models.find_model("bert-base", ROOT / "build" / "models")
    model = folder / "bert-base.onnx"
    subprocess.run([hasten, "convert", checkpoint, model, "--quiet"], check=True)
    runs = []
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", MEASURE, hasten, "optimize", model, folder / "out.onnx", "--quiet"],
                              check=True, capture_output=True, text=True)
        seconds, memory = done.stdout.split()
        runs.append((float(seconds), int(memory)))
    return min(run[0] for run in runs), max(run[1] for run in runs), model.stat().st_size


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hasten", required=True)
    parser.add_argument("--seconds", type=float, default=20)
    arguments = parser.parse_args()
    lines = [f"{datetime.date.today()}, {numbers_page.processor()}, one thread; ONNX Runtime "
             f"{onnxruntime.__version__}, torch {torch.__version__.split('+')[0]}, transformers {transformers.__version__}; "
             "`make bench-optimize`.", "",
             "| export | optimised by Hasten | by ONNX Runtime's optimiser | not optimised | Hasten's file is faster by "
             "| logits differ by |", "|---|---|---|---|---|---|"]
    with tempfile.TemporaryDirectory(dir="/dev/shm") as temporary:
        folder = Path(temporary)
        seconds, memory, size = optimize_bert_base(arguments.hasten, folder)
        for how in EXPORTS:
            name, ours, theirs, plain, difference = compare(arguments.hasten, how, folder, arguments.seconds)
            lines.append(f"| {name} | {ours * 1e3:.2f} ms | {theirs * 1e3:.2f} ms | {plain * 1e3:.2f} ms "
                         f"| {theirs / ours:.2f}x | {difference:.1e} |")
    lines += ["", f"Optimising a BERT-base ({size / 1e6:,.0f} MB): {seconds:.2f} s, {memory / 1e6:,.0f} MB of memory at most, "
                  f"{memory / size:.2f}x the file."]
    print("\n".join(lines))
    numbers_page.write_part("optimize", "\n".join(lines))


if __name__ == "__main__":
    main()

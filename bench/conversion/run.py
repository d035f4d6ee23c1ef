"""How long `hasten convert` takes and how much memory, and that what it writes opens and computes.

    .venv/bin/python bench/conversion/run.py --hasten build/release/hasten [--case NAME]...

Checkpoints with seeded random weights of BERT-base's and XLM-R-large's shapes are made in build/models.
Each is converted three times from a warm page cache into a memory file system (so that the flush to the
disk, which depends on the disk alone, is left out), and once more onto the disk; the best time and the
largest peak of memory count. The file is then opened in ONNX Runtime, and its logits compared with
Hasten's own. Rewrites the table in docs/numbers.md.
"""

import argparse
import datetime
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy
import onnxruntime

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "bench"), str(ROOT / "bench" / "whole_job")]
import models  # noqa: E402
import numbers_page  # noqa: E402

TEXTS = ["Today is the first day of my new job, so excited", "Hello I love you", "This is a test"]
REPEATS = 3
XLM_R_LARGE = {
    "architectures": ["XLMRobertaForSequenceClassification"], "model_type": "xlm-roberta",
    "hidden_act": "gelu", "hidden_size": 1024, "intermediate_size": 4096, "layer_norm_eps": 1e-5,
    "max_position_embeddings": 514, "num_attention_heads": 16, "num_hidden_layers": 24,
    "type_vocab_size": 1, "pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2, "vocab_size": 250002}


def make_xlm_r_large(folder):
    """XLM-R-large's shape, 2.2 GB; its words are the bundled vocabulary's and fillers up to 250,002."""
    if (folder / "model.safetensors").exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    words = (models.SENTIMENT / "vocab.txt").read_text(encoding="utf-8").splitlines()
    fillers = [f"[filler{number}]" for number in range(XLM_R_LARGE["vocab_size"] - len(words))]
    (folder / "vocab.txt").write_text("\n".join(words + fillers) + "\n", encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps(
        {"tokenizer_class": "BertTokenizer", "do_lower_case": True, "model_max_length": 512}))
    (folder / "config.json").write_text(json.dumps(XLM_R_LARGE))
    shapes = {}
    for name, shape in models.bert_tensors(XLM_R_LARGE, XLM_R_LARGE["vocab_size"]).items():
        if not name.startswith(("bert.pooler", "classifier")):
            shapes[name.replace("bert.", "roberta.")] = shape
    width = XLM_R_LARGE["hidden_size"]
    shapes |= {"classifier.dense.weight": (width, width), "classifier.dense.bias": (width,),
               "classifier.out_proj.weight": (2, width), "classifier.out_proj.bias": (2,)}
    models.write_safetensors(folder / "model.safetensors", shapes, numpy.random.default_rng(2))
    return folder


CASES = {"bert-base": lambda folder: models.find_model("bert-base", folder.parent), "xlm-r-large": make_xlm_r_large}


def convert_once(hasten, folder, output):
    """Seconds and peak memory in bytes of one conversion."""
    begin = time.perf_counter()
    process = subprocess.Popen([hasten, "convert", folder, output, "--quiet"])
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"converting {folder} failed")
    return time.perf_counter() - begin, usage.ru_maxrss << 10


def lines_of(hasten, *arguments):
    done = subprocess.run([hasten, *arguments, *TEXTS, "--json"], check=True, capture_output=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def largest_difference(hasten, model):
    """Hasten's logits against ONNX Runtime's."""
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    wanted = [value.name for value in session.get_inputs()]
    difference = 0.0
    for tokens, scores in zip(lines_of(hasten, "tokenize", model), lines_of(hasten, "predict", model)):
        ids = numpy.array([tokens["ids"]], dtype=numpy.int64)
        inputs = {"input_ids": ids, "attention_mask": numpy.ones_like(ids), "token_type_ids": numpy.zeros_like(ids)}
        logits = session.run(None, {name: inputs[name] for name in wanted})[0][0]
        difference = max(difference, float(numpy.abs(logits - scores["logits"]).max()))
    return difference


def measure(hasten, name, workspace):
    folder = CASES[name](workspace / name)
    source = folder / "model.safetensors"
    shutil.copyfile(source, os.devnull)  # warms the page cache
    with tempfile.TemporaryDirectory(dir="/dev/shm") as memory:
        runs = [convert_once(hasten, folder, Path(memory) / "model.onnx") for _ in range(REPEATS)]
    target = workspace / f"{name}-converted"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    on_disk, _ = convert_once(hasten, folder, target / "model.onnx")
    result = {"name": name, "bytes": source.stat().st_size, "seconds": min(run[0] for run in runs),
              "memory": max(run[1] for run in runs), "on_disk": on_disk,
              "files": len(list(target.iterdir())),
              "difference": largest_difference(hasten, target / "model.onnx")}
    shutil.rmtree(target)
    return result


def table(results):
    lines = [f"{datetime.date.today()}, {platform.processor() or platform.machine()}, {os.cpu_count()} threads; "
             "`make bench-conversion`.", "",
             "| checkpoint | size | seconds | with the flush to this disk | peak memory | of the file's size "
             "| files | logits against ONNX Runtime |", "|---|---|---|---|---|---|---|---|"]
    for result in results:
        lines.append(f"| {result['name']} | {result['bytes'] / 1e6:,.0f} MB | {result['seconds']:.2f} "
                     f"| {result['on_disk']:.2f} | {result['memory'] / 1e6:,.0f} MB "
                     f"| {result['memory'] / result['bytes']:.2f}x | {result['files']} "
                     f"| {result['difference']:.1e} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hasten", required=True)
    parser.add_argument("--case", action="append", choices=CASES, help="default: all")
    arguments = parser.parse_args()
    text = table([measure(arguments.hasten, name, ROOT / "build" / "models")
                  for name in arguments.case or CASES])
    print(text)
    if not arguments.case:
        numbers_page.write_part("conversion", text)


if __name__ == "__main__":
    main()

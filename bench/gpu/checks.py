"""The checks of a card: kernels, goldens, invariance, the sanitizer. Each returns a dictionary of figures and raises
Failed where one is out of its bounds."""

import gzip
import json
import shutil
import subprocess

from inputs import MINILM, ROOT, SENTIMENT, write_lines
from scores import largest_difference, lowest_spearman

PRECISIONS = ("fp32", "fp16", "bf16", "fp8")
LARGEST = {"fp32": 1e-4, "fp16": 2e-2, "bf16": 2e-2}  # of a logit; fp8 is judged by order alone
LEAST_SPEARMAN = {"fp32": 0.9999, "fp16": 0.9995, "bf16": 0.9995, "fp8": 0.998}
GOLDENS = {"tweet-sentiment": (SENTIMENT, ROOT / "tests" / "goldens" / "tweet_sentiment" / "golden.jsonl"),
           "minilm-offensive": (MINILM, MINILM.with_name(MINILM.name + ".golden.jsonl.gz"))}


class Failed(Exception):
    """A figure out of its bounds, or a command that failed; its argument says which."""


class Skipped(Exception):
    """What is missing here; its argument says what."""


class Runner:
    """Runs commands within the time that is left."""

    def __init__(self, hasten, seconds_left):
        self.hasten, self.seconds_left = hasten, seconds_left

    def run(self, command, limit=None):
        limit = min(self.seconds_left(), limit or 1e9)
        if limit <= 0:
            raise Skipped("no time was left")
        try:
            done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=limit)
        except subprocess.TimeoutExpired:
            raise Failed(f"not done after {limit:.0f} s: {command[0]}") from None
        if done.returncode != 0:
            raise Failed(f"exit code {done.returncode}: {(done.stderr or done.stdout)[-600:]}")
        return done.stdout

    def predict(self, model, texts, precision):
        output = self.run([self.hasten, "predict", model, "--input", texts, "--json", "--device", "cuda", "--precision",
                           precision])
        return [json.loads(line)["logits"] for line in output.splitlines()]


def devices(runner, _):
    found = json.loads(runner.run([runner.hasten, "inspect", "--devices", "--json"]))
    if found["obstacle"] or not found["devices"]:
        raise Failed(found["obstacle"] or "no GPU")
    card = found["devices"][0]
    figures = {"card": card["name"], "compute_capability": card["compute_capability"],
               "cuda_of_the_driver": found["cuda_of_the_driver"], "cuda_of_this_build": found["cuda_of_this_build"]}
    if shutil.which("nvidia-smi"):
        figures["driver"] = runner.run(["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]).split()[0]
    return figures


def kernels(runner, options):
    """Every test body of the CPU's kernels, on the card."""
    report = options.workspace / "kernels.json"
    runner.run([options.tests, f"--gtest_output=json:{report}"], 150)
    cases = [case for suite in json.loads(report.read_text())["testsuites"] for case in suite["testsuite"]]
    skipped = [case["name"] for case in cases if case.get("result") == "SKIPPED"]
    if len(skipped) == len(cases):
        raise Failed("every test of the kernels was skipped")
    return {"passed": len(cases) - len(skipped), "skipped": skipped}


def read_goldens(path, count):
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file][:count]


def goldens(runner, options):
    """Scores at every precision against what transformers computed in fp32."""
    figures, wrong = {}, []
    for name, (model, path) in GOLDENS.items():
        if not model.exists() or (options.tiny and model != SENTIMENT):
            figures[name] = "left out" if model.exists() else "absent"
            continue
        rows = read_goldens(path, options.goldens)
        texts = write_lines(options.workspace / f"{name}.jsonl", [row["text"] for row in rows])
        for precision in PRECISIONS:
            got = runner.predict(model, texts, precision)
            expected = [row["logits"] for row in rows]
            difference, order = largest_difference(expected, got), lowest_spearman(expected, got)
            figures[f"{name} {precision}"] = {"largest_difference": difference, "spearman": order, "texts": len(rows)}
            if not difference <= LARGEST.get(precision, float("inf")) or not order >= LEAST_SPEARMAN[precision]:
                wrong.append(f"{name} {precision}: largest difference {difference:.2e}, Spearman {order:.5f}")
    if wrong:
        raise Failed("; ".join(wrong), figures)
    return figures


def invariance(runner, options):
    """Bitwise the same scores in another order, and alone."""
    rows = read_goldens(GOLDENS["tweet-sentiment"][1], options.goldens)
    texts = [row["text"] for row in rows]
    forward = write_lines(options.workspace / "forward.jsonl", texts)
    backward = write_lines(options.workspace / "backward.jsonl", texts[::-1])
    for precision in PRECISIONS:
        together = runner.predict(SENTIMENT, forward, precision)
        if runner.predict(SENTIMENT, backward, precision)[::-1] != together:
            raise Failed(f"{precision}: scores depend on the order")
        for place in (0, len(texts) // 2):
            alone = write_lines(options.workspace / "alone.jsonl", [texts[place]])
            if runner.predict(SENTIMENT, alone, precision) != [together[place]]:
                raise Failed(f"{precision}: a text alone has other scores")
    return {"texts": len(texts), "precisions": list(PRECISIONS)}


def sanitizer(runner, options):
    program = shutil.which("compute-sanitizer") or shutil.which("compute-sanitizer", path="/usr/local/cuda/bin")
    if program is None:
        raise Skipped("compute-sanitizer is not installed")
    texts = write_lines(options.workspace / "few.jsonl",
                        [row["text"] for row in read_goldens(GOLDENS["tweet-sentiment"][1], 20)])
    clean = []
    for tool in ("memcheck", "racecheck"):
        for precision in ("bf16", "fp8"):
            runner.run([program, "--tool", tool, "--error-exitcode", "1", runner.hasten, "predict", SENTIMENT, "--input",
                        texts, "--device", "cuda", "--precision", precision, "--threads", "1"], 40)
            clean.append(f"{tool} {precision}")
    return {"clean": clean}

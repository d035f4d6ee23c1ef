"""Hasten and its rivals as contenders: each searches its settings and is timed in a process of its own."""

import json
import statistics
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import numpy

from models import ROOT

HERE = Path(__file__).resolve().parent
RIVALS_PYTHON = ROOT / ".venv-bench" / "bin" / "python"
REPETITIONS = 3  # in each process; the least disturbed one counts
USERS_SCRIPT = {"form": "per tensor", "lanes": 1, "batch_size": 1}  # one process per core, a text at a time


@dataclass
class Job:
    """One model and the texts that every contender classifies."""
    name: str
    folder: Path
    onnx: Path
    optimized_onnx: Path
    workspace: Path
    texts: Path
    single_texts: Path
    max_length: int
    text_count: int


@dataclass
class Result:
    program: str
    precision: str
    threads: int
    settings: str = ""
    tokens: int = 0
    seconds: list = field(default_factory=list)
    peaks: list = field(default_factory=list)  # operations per second, measured beside each time
    peak_memory: int = 0
    difference: float = 0.0  # largest, of a probability, from Hasten's fp32
    ours: bool = False

    @property
    def tokens_per_second(self):
        return self.tokens / statistics.median(self.seconds)


def run_json(command, launcher=()):
    done = subprocess.run([*launcher, *(str(part) for part in command)], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(str(part) for part in command)}\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.strip().split("\n")[-1])


def least_disturbed(runs):
    """Seconds of the run that had the largest share of the processor: others may be busy on this machine."""
    return max(runs, key=lambda run: run["processor_share"])["seconds"]


class Hasten:
    name = "Hasten"

    def __init__(self, program, job, precision, threads, launcher):
        self.program, self.job, self.launcher = program, job, launcher
        self.precision = precision
        self.result = Result("Hasten", precision, threads, ours=True)

    def prepare(self):
        lines = subprocess.run(
            [str(self.program), "predict", str(self.job.onnx), "--input", str(self.job.texts), "--json", "--quiet",
             "--precision", self.precision], check=True, capture_output=True, text=True).stdout.split("\n")[:-1]
        self.probabilities = [json.loads(line)["probabilities"] for line in lines]

    def bench(self, texts, *more):
        return run_json([self.program, "bench", self.job.onnx, "--input", texts, "--limit", 10**9, "--json",
                         "--precision", self.precision, "--repetitions", REPETITIONS, *more], self.launcher)

    def measure(self):
        report = self.bench(self.job.texts, "--threads", self.result.threads)
        self.result.seconds.append(least_disturbed(report["runs"]))
        self.result.tokens = report["tokens"]
        self.result.peaks.append(report["peak_flops"])
        self.result.peak_memory = max(self.result.peak_memory, report["peak_memory"])
        self.flops_per_token = report["flops_per_second"] / report["tokens_per_second"]

    def latency(self, threads):
        report = self.bench(self.job.single_texts, "--threads", threads, "--latency")
        return {"program": "Hasten", "ours": True, **report["latency"]}


class Rival:
    def __init__(self, script, job, precision, threads, launcher, settings=None):
        self.script, self.job, self.launcher, self.settings = script, job, launcher, settings
        self.precision = precision
        self.result = Result(script.stem.removeprefix("rival_"), precision, threads)

    def call(self, task, *more, launcher=(), texts=None):
        return run_json(
            [RIVALS_PYTHON, self.script, task, "--folder", self.job.folder, "--onnx", self.job.onnx,
             "--optimized-onnx", self.job.optimized_onnx, "--workspace", self.job.workspace,
             "--texts", texts or self.job.texts, "--precision", self.precision,
             "--max-length", self.job.max_length, *more], launcher)

    def prepare(self):
        """Once for each rival and model: what it has prepared stays in the workspace."""
        stamp = self.job.workspace / f"{self.script.stem}.json"
        if not stamp.exists():
            stamp.write_text(json.dumps(self.call("prepare")))
        about = json.loads(stamp.read_text())
        self.result.program = f"{about['name']} {about['version']}"

    def search(self):
        if self.settings is None:
            self.settings = self.call("search", "--threads", self.result.threads, launcher=self.launcher)
        lanes = "a model per thread" if self.settings["lanes"] > 1 else "one model"
        self.result.settings = f"{self.settings['form']}, {lanes}, batch {self.settings['batch_size']}"

    def measure(self, reference):
        report = self.call("measure", "--threads", self.result.threads, "--settings", json.dumps(self.settings),
                           "--repetitions", REPETITIONS,
                           launcher=self.launcher)
        self.result.seconds.append(least_disturbed(report["runs"]))
        self.result.tokens = report["tokens"]
        self.result.peak_memory = max(self.result.peak_memory, report["peak_memory"])
        self.result.difference = float(numpy.abs(numpy.subtract(report["probabilities"], reference)).max())

    def latency(self, threads):
        report = self.call("latency", "--threads", threads, launcher=self.launcher, texts=self.job.single_texts)
        return {"program": f"{self.result.program} ({report['form']})", "ours": False, **report}


def precisions_of(script):
    """What a rival's file says that it can compute in, without importing its packages."""
    for line in script.read_text(encoding="utf-8").split("\n"):
        if line.strip().startswith("precisions = "):
            return json.loads(line.split("=", 1)[1])
    raise ValueError(f"{script} names no precisions")

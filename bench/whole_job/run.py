"""Times Hasten and its rivals on the same texts in the same run, compares their outputs, writes docs/numbers.md.

Every contender runs in a process of its own: first each searches its best settings, then all are timed in turn, several
rounds, of which the median counts (within a round, of three runs, the one that had most of the processor); beside each
of Hasten's runs the peak of that precision is measured.

usage: run.py --hasten PROGRAM [--models minilm bert-base] [--texts FILE] [--launcher "taskset -c 0,1"] [--dry-run]
"""

import argparse
import datetime
import json
import shlex
import subprocess
import sys
from pathlib import Path

from contenders import HERE, USERS_SCRIPT, Hasten, Job, Rival, precisions_of
from models import ROOT, find_model
from plot import bar_chart
from table import latency_table, script_table, speed_table, summary_table
from texts import TWEETS, read_texts, write_lines

sys.path.append(str(ROOT / "bench"))
import numbers_page  # noqa: E402

PICTURE = ROOT / "docs" / "speed.svg"
DEFAULT_COUNTS = {"sentiment": 4000, "minilm": 900, "bert-base": 120}
DEFAULT_PRECISIONS = ["fp32", "bf16", "int8"]
SINGLE_TEXT_TOKENS = 24
SINGLE_TEXTS = 200


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hasten", required=True, type=Path)
    parser.add_argument("--models", nargs="+", default=["minilm", "bert-base"], choices=list(DEFAULT_COUNTS))
    parser.add_argument("--precisions", nargs="+", default=DEFAULT_PRECISIONS, choices=DEFAULT_PRECISIONS)
    parser.add_argument("--texts", type=Path, default=TWEETS)
    parser.add_argument("--count", type=int, help="texts (default: by model)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workspace", type=Path, default=ROOT / "build" / "bench", help="where prepared models stay")
    parser.add_argument("--launcher", type=shlex.split, default=[], help="a command to run each timed program under")
    parser.add_argument("--no-latency", action="store_true", help="leave the latency of single texts out")
    parser.add_argument("--dry-run", action="store_true", help="print, and leave docs/ alone")
    return parser.parse_args()


def single_texts(hasten, model, texts_path):
    """The texts whose length is nearest to SINGLE_TEXT_TOKENS."""
    lines = subprocess.run([hasten, "tokenize", model, "--input", texts_path, "--json"], check=True,
                           capture_output=True, text=True).stdout.split("\n")[:-1]
    rows = sorted((json.loads(line) for line in lines), key=lambda row: abs(len(row["ids"]) - SINGLE_TEXT_TOKENS))
    return [row["text"] for row in rows[:SINGLE_TEXTS]]


def make_job(arguments, name):
    folder = find_model(name, arguments.workspace / "checkpoints")
    if folder is None:
        return None
    workspace = arguments.workspace / name
    workspace.mkdir(parents=True, exist_ok=True)
    job = Job(name, folder, workspace / "model.onnx", workspace / "optimized.onnx", workspace, workspace / "texts.txt",
              workspace / "single_texts.txt", json.loads((folder / "model_args.json").read_text())["max_seq_length"],
              arguments.count or DEFAULT_COUNTS[name])
    write_lines(job.texts, read_texts(arguments.texts, job.text_count))
    subprocess.run([arguments.hasten, "convert", folder, job.onnx, "--quiet"], check=True)
    subprocess.run([arguments.hasten, "optimize", job.onnx, job.optimized_onnx, "--quiet"], check=True)
    write_lines(job.single_texts, single_texts(arguments.hasten, job.onnx, job.texts))
    return job


def make_contenders(arguments, job):
    """Hasten and the rivals at all threads, then the user's script and Hasten beside it on one."""
    make = (job, arguments.threads, arguments.launcher)
    ours = {precision: Hasten(arguments.hasten, job, precision, *make[1:]) for precision in arguments.precisions}
    rivals = [Rival(script, job, precision, *make[1:]) for precision in arguments.precisions
              for script in sorted(HERE.glob("rival_*.py")) if precision in precisions_of(script)]
    return ours, rivals


def measure_model(arguments, job):
    """-> flops per token, results, the two results per core"""
    ours, rivals = make_contenders(arguments, job)
    script = Rival(HERE / "rival_onnxruntime.py", job, "int8", 1, arguments.launcher, USERS_SCRIPT)
    alone = Hasten(arguments.hasten, job, "int8", 1, arguments.launcher)
    reference = Hasten(arguments.hasten, job, "fp32", arguments.threads, ())
    reference.prepare()
    for each in [*ours.values(), *rivals, script]:
        each.prepare()
    for rival in [*rivals, script]:
        rival.search()
    for _ in range(arguments.rounds):
        for precision in arguments.precisions:
            ours[precision].measure()
            for rival in rivals:
                if rival.precision == precision:
                    rival.measure(reference.probabilities)
        alone.measure()
        script.measure(reference.probabilities)
    for mine in ours.values():
        mine.result.difference = max(
            abs(left - right) for row, other in zip(mine.probabilities, reference.probabilities)
            for left, right in zip(row, other))
    results = [each.result for precision in arguments.precisions
               for each in [ours[precision], *(rival for rival in rivals if rival.precision == precision)]]
    return ours, rivals, results, (alone.result, script.result)


def measure_latency(arguments, job, ours, rivals):
    rows = []
    for precision in arguments.precisions:
        for threads in sorted({1, arguments.threads}):
            latencies = [ours[precision].latency(threads)]
            latencies += [rival.latency(threads) for rival in rivals if rival.precision == precision]
            rows.append((job.name, precision, threads, latencies))
    return rows


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        return next(line.split(":")[1].strip() for line in file if line.startswith("model name"))


def write_picture(measured):
    groups = []
    for model, texts, _, results in measured:
        for precision in dict.fromkeys(result.precision for result in results):
            groups.append((f"{model}, {precision}: tokens/s", [
                (result.program.split(" (")[0], result.tokens_per_second, result.ours)
                for result in results if result.precision == precision]))
    PICTURE.write_text(bar_chart(groups, "Tokens per second"), encoding="utf-8")


def main():
    arguments = parse_arguments()
    measured, per_core, latencies = [], [], []
    for name in arguments.models:
        job = make_job(arguments, name)
        if job is None:
            continue
        ours, rivals, results, (alone, script) = measure_model(arguments, job)
        flops = next(iter(ours.values())).flops_per_token
        measured.append((name, job.text_count, flops, results))
        per_core.append((name, alone.tokens_per_second, script.tokens_per_second))
        if not arguments.no_latency:
            latencies += measure_latency(arguments, job, ours, rivals)
    parts = [[f"{datetime.date.today()}, {processor()}, {arguments.threads} threads; `make bench`."],
             summary_table(measured), ["Every contender:"], speed_table(measured),
             ["The user's own way, one process on one core:"], script_table(per_core)]
    if latencies:
        parts += [[f"One text of {SINGLE_TEXT_TOKENS} tokens at a time, from its string to its probabilities:"],
                  latency_table(latencies)]
    text = "\n\n".join("\n".join(part) for part in parts)
    print(text)
    if not arguments.dry_run:
        numbers_page.write_part("whole_job", text)
        write_picture(measured)


if __name__ == "__main__":
    main()

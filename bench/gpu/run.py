"""Tests and measures `--device cuda` on the card that is here, step by step: see README.md. Usually called by
bench/gpu_check.sh. The exit status is 1 when a step failed.

usage: run.py --hasten PROGRAM --tests PROGRAM [--seconds 480] [--write-numbers] [--rows N] [--texts N] [--only STEP...]
"""

import argparse
import json
import shutil
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench"))

import checks  # noqa: E402
import speed  # noqa: E402
from numbers_page import measured_by, write_part  # noqa: E402

STEPS = {"devices": checks.devices, "kernels": checks.kernels, "goldens": checks.goldens, "invariance": checks.invariance,
         "speed": speed.speed, "label": speed.label, "rivals": speed.rivals, "profile": speed.profile,
         "sanitizer": checks.sanitizer}


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hasten", required=True, type=Path)
    parser.add_argument("--tests", required=True, type=Path, help="the kernels' tests, built for the card")
    parser.add_argument("--seconds", type=float, default=480, help="what is left of the time")
    parser.add_argument("--workspace", type=Path, default=ROOT / "build" / "gpu_check")
    parser.add_argument("--rows", type=int, default=10_000_000, help="to label")
    parser.add_argument("--texts", type=int, default=200_000, help="to measure speed with")
    parser.add_argument("--goldens", type=int, default=10_000, help="golden texts of a model at most")
    parser.add_argument("--threads", type=int, default=speed.default_threads())
    parser.add_argument("--tiny", action="store_true", help="a tiny model instead of BERT-base: to try these scripts")
    parser.add_argument("--only", nargs="+", choices=STEPS, default=list(STEPS), metavar="STEP")
    parser.add_argument("--write-numbers", action="store_true", help="into docs/numbers.md")
    arguments = parser.parse_args()
    arguments.hasten, arguments.tests = arguments.hasten.resolve(), arguments.tests.resolve()
    return arguments


def run_step(name, runner, arguments):
    began = time.monotonic()
    step = {"state": "passed", "why": "", "figures": {}}
    try:
        step["figures"] = STEPS[name](runner, arguments)
    except checks.Skipped as skipped:
        step.update(state="skipped", why=skipped.args[0])
    except checks.Failed as failed:
        step.update(state="FAILED", why=failed.args[0], figures=failed.args[1] if len(failed.args) > 1 else {})
    except Exception as error:  # a defect of a step must not cost the steps after it
        step.update(state="FAILED", why=f"{type(error).__name__}: {error}")
    step["seconds"] = time.monotonic() - began
    print(f"{name:<11} {step['state']:<8} {step['seconds']:6.1f} s  {step['why']}", flush=True)
    return step


def rows_of(name, figures):
    """Name and value of each figure, nested ones by their path."""
    for key, value in figures.items():
        path = f"{name}, {key.replace('_', ' ')}"
        if isinstance(value, dict):
            yield from rows_of(path, value)
        elif isinstance(value, list):
            yield path, "; ".join(f"{work['name']} {work['share']:.1%}" if isinstance(work, dict) else str(work) for work in value)
        else:
            yield path, f"{value:,.4g}" if isinstance(value, float) else str(value)


def page_of(steps):
    lines = [measured_by("bench/gpu_check.sh") + ".", "", "| step | result |", "|---|---|"]
    lines += [f"| {name} | {step['state']}{': ' + step['why'] if step['why'] else ''} |" for name, step in steps.items()]
    lines += ["", "| figure | value |", "|---|---|"]
    for name, step in steps.items():
        lines += [f"| {path} | {value} |" for path, value in rows_of(name, step["figures"])]
    return "\n".join(line.replace("\n", " ") for line in lines)


def main():
    arguments = parse_arguments()
    shutil.rmtree(arguments.workspace, ignore_errors=True)
    arguments.workspace.mkdir(parents=True)
    ends = time.monotonic() + arguments.seconds
    runner = checks.Runner(arguments.hasten, lambda: ends - time.monotonic())
    steps = {}
    for name in arguments.only:
        steps[name] = run_step(name, runner, arguments)
        if name == "devices" and steps[name]["state"] == "FAILED":
            break
    (arguments.workspace / "figures.json").write_text(json.dumps(steps, indent=1))
    page = page_of(steps)
    (arguments.workspace / "figures.md").write_text(page + "\n", encoding="utf-8")
    print("\n" + page)
    if arguments.write_numbers and "devices" in steps and steps["devices"]["state"] == "passed":
        write_part("gpu", page)
    states = [step["state"] for step in steps.values()]
    print(f"\n{states.count('passed')} passed, {states.count('FAILED')} failed, {states.count('skipped')} skipped")
    return 1 if "FAILED" in states else 0


if __name__ == "__main__":
    sys.exit(main())

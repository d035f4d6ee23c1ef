"""Builds the fuzz targets, makes their seeds, and runs each (or those named) until it has had --seconds of a processor.

usage: run.py [--seconds N] [--record] [TARGET...]

Corpora grow in build/fuzz/corpus, findings land in build/fuzz/findings, what each target did is kept in
build/fuzz/results: a target that had less than --seconds and is the same program still goes on from there.
--record writes the results into docs/numbers.md, where the rows of targets that have none here stay. The exit status is 1 after a finding.
Processor time counts, not the clock's: on a busy machine a run takes longer, and does as much.
"""

import argparse
import datetime
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "fuzz"
sys.path.insert(0, str(ROOT / "bench"))

from numbers_page import read_part, write_part  # noqa: E402

CONFIGURE = ["cmake", "-G", "Ninja", "-B", BUILD, "-DCMAKE_BUILD_TYPE=RelWithDebInfo",
             "-DCMAKE_CXX_COMPILER=clang++-14", "-DHASTEN_FUZZ=ON", "-DHASTEN_TESTS=OFF", "-DHASTEN_BENCH=OFF",
             "-DHASTEN_SANITIZE=fuzzer-no-link,address,undefined"]
LIMITS = ["-max_len=100000", "-timeout=0", "-rss_limit_mb=1024", "-print_final_stats=1"]
TICKS = os.sysconf("SC_CLK_TCK")


def all_targets():
    return sorted(re.findall(r"^hasten_fuzz\((\w+) ", (ROOT / "fuzz" / "CMakeLists.txt").read_text(), re.MULTILINE))


def build(targets):
    if not (BUILD / "build.ninja").exists():
        subprocess.run(CONFIGURE, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["cmake", "--build", BUILD, "--target", *(f"fuzz_{target}" for target in targets)], check=True)
    subprocess.run([sys.executable, "-B", ROOT / "fuzz" / "make_seeds.py", BUILD / "seeds"], check=True)


def processor_seconds(process):
    """What a child has used so far, by /proc; nothing once it has ended."""
    try:
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def run_until(command, log, seconds):
    """Exit status and processor seconds of a libFuzzer program, which SIGUSR1 asks to end."""
    with open(log, "wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        asked = False
        while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
            if not asked and processor_seconds(process) >= seconds:
                process.send_signal(signal.SIGUSR1)
                asked = True
            time.sleep(1)
    _, status, usage = ended
    return os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime


def last_result(target):
    """What the target did so far; nothing if it was another program then, or one with a finding."""
    program = hashlib.sha256((BUILD / "fuzz" / f"fuzz_{target}").read_bytes()).hexdigest()
    fresh = {"target": target, "program": program, "seconds": 0, "runs": 0, "finding": False}
    path = BUILD / "results" / f"{target}.json"
    last = json.loads(path.read_text()) if path.exists() else fresh
    return last if last["program"] == program and not last["finding"] else fresh


def run_target(target, seconds):
    """Its result after `seconds` of a processor in all."""
    corpus, seeds, findings = BUILD / "corpus" / target, BUILD / "seeds" / target, BUILD / "findings"
    for folder in (corpus, seeds, findings, BUILD / "results"):
        folder.mkdir(parents=True, exist_ok=True)
    result = last_result(target)
    if result["seconds"] < seconds:
        log = BUILD / f"{target}.log"
        command = [BUILD / "fuzz" / f"fuzz_{target}", *LIMITS, f"-artifact_prefix={findings}/{target}-", corpus, seeds]
        status, used = run_until(command, log, seconds - result["seconds"])
        runs = re.search(r"number_of_executed_units: *(\d+)|$", log.read_text(errors="replace")).group(1)
        result |= {"seconds": result["seconds"] + round(used), "runs": result["runs"] + int(runs or 0),
                   "kept": len(list(corpus.iterdir())), "finding": status != 0, "date": str(datetime.date.today())}
        (BUILD / "results" / f"{target}.json").write_text(json.dumps(result))
    return result


def describe(result, log):
    if result["finding"]:
        return f"{result['target']}: see {log} and {BUILD / 'findings'}"
    return "{target}: no finding in {seconds} s of a processor, {runs:,} runs, {kept:,} inputs kept".format(**result)


def table():
    rows = {line.split("|")[1].strip(): line for line in read_part("fuzz").splitlines()[4:]}
    for path in (BUILD / "results").glob("*.json"):
        result = json.loads(path.read_text())
        rows[result["target"]] = (
            "| {target} | {date} | {seconds} | {runs:,} | {kept:,} | {finding:d} |".format(**result))
    lines = ["`make fuzz`.", "", "| target | date | processor seconds | runs | inputs kept | findings |",
             "|---|---|---|---|---|---|"]
    return "\n".join(lines + [rows[target] for target in sorted(rows)])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="default: all")
    parser.add_argument("--seconds", type=float, default=600, help="of a processor, each")
    parser.add_argument("--record", action="store_true", help="write the results of all targets into docs/numbers.md")
    arguments = parser.parse_args()
    targets = arguments.targets or all_targets()
    build(targets)
    results = [run_target(target, arguments.seconds) for target in targets]
    for result in results:
        print(describe(result, BUILD / f"{result['target']}.log"), flush=True)
    if arguments.record:
        write_part("fuzz", table())
    return int(any(result["finding"] for result in results))


if __name__ == "__main__":
    sys.exit(main())

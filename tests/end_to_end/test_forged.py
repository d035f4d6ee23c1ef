"""Every forged checkpoint of tests/forged: its exit code, quickly, in little memory, no file.

HASTEN_TEST_SANITIZED says that the program has sanitizers in it, whose own time and memory are not counted.
"""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from conftest import ROOT

CODES = {"ok": 0, "not_found": 3, "malformed": 4, "unsupported": 5}
MOST_SECONDS = 2
MOST_EXTRA_MEMORY = 256 << 20
SANITIZED = bool(os.environ.get("HASTEN_TEST_SANITIZED"))


def measure(command, log):
    """Exit status, processor seconds and peak memory in bytes of one process."""
    with open(log, "wb") as output:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=output)
        _, status, usage = os.wait4(process.pid, 0)
    return os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, usage.ru_maxrss << 10


def size_of(folder):
    return sum(entry.stat(follow_symlinks=False).st_size for entry in os.scandir(folder))


def check(hasten, folder, output_folder, line):
    """The complaints about one case."""
    name, target, code, message = line.split("\t")
    output = output_folder / name
    output.mkdir()
    log = output_folder / f"{name}.log"
    status, seconds, memory = measure(
        [hasten.program, "convert", folder / target, output / "model.onnx"], log
    )
    written = os.listdir(output)
    complaint = log.read_text(errors="replace")
    problems = []
    if status != CODES[code]:
        problems.append(f"exit status {status}, not {CODES[code]}")
    if code != "ok" and written:
        problems.append(f"wrote {written}")
    if code != "ok" and (message not in complaint or not complaint.startswith("hasten: ")):
        problems.append("another message")
    if seconds > MOST_SECONDS and not SANITIZED:
        problems.append(f"took {seconds:.1f} s")
    if memory > 2 * size_of(folder / name) + MOST_EXTRA_MEMORY and not SANITIZED:
        problems.append(f"took {memory >> 20} MB")
    return [f"{name}: {problem}\n{complaint}" for problem in problems]


def test_each_forged_checkpoint_ends_in_its_error(hasten, tmp_path, record_property):
    folder, output = tmp_path / "forged", tmp_path / "output"
    output.mkdir()
    subprocess.run(
        [sys.executable, "-B", ROOT / "tests" / "forged" / "make_forged.py", folder], check=True
    )
    lines = (folder / "manifest.tsv").read_text().splitlines()
    assert len(lines) > 400
    with ThreadPoolExecutor(os.cpu_count()) as workers:
        results = workers.map(lambda line: check(hasten, folder, output, line), lines)
        problems = [problem for found in results for problem in found]
    assert not problems, "\n".join(problems)
    controls = sum(line.split("\t")[2] == "ok" for line in lines)
    record_property("forged checkpoints, each ending in its own error and nothing written", len(lines) - controls)
    record_property("controls, each converted", controls)

"""ONNX's own node cases: Debian's libonnx-testdata (to opset 17) and those of the onnx package (to opset 28).

Both are fetched here when they are missing, into build/conformance. The cases run in the program of the graph's unit
tests, in double precision and in float32: every case of a supported operator (docs/operators.md) has to pass.
"""

import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FETCHED = ROOT / "build" / "conformance"
ONNX = "onnx==1.22.0"
DEBIAN = Path("/usr/share/libonnx-testdata/data/node")


def onnx_cases():
    target = FETCHED / ONNX.replace("==", "-")
    cases = target / "onnx" / "backend" / "test" / "data" / "node"
    if not cases.exists():
        subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps",
                        "--target", target, ONNX], check=True)
    return cases


def debian_cases():
    if DEBIAN.exists():
        return DEBIAN
    cases = FETCHED / "debian" / DEBIAN.relative_to("/")
    if not cases.exists():
        folder = FETCHED / "debian"
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "download", "-q", "libonnx-testdata"], cwd=folder, check=True, capture_output=True)
        (package,) = folder.glob("libonnx-testdata_*.deb")
        subprocess.run(["dpkg-deb", "-x", package, folder], check=True)
    return cases


def run(program, cases, report):
    done = subprocess.run([program, "--gtest_filter=*NodeCases*", f"--gtest_output=xml:{report}"], text=True,
                          env=dict(os.environ, HASTEN_ONNX_CASES=str(cases)), capture_output=True)
    assert done.returncode == 0, done.stdout[-4000:]
    counts = [int(each.get("value")) for each in ElementTree.parse(report).iter("property") if each.get("name") == "passed"]
    assert len(counts) == 2 and counts[0] == counts[1]
    return counts[0]


@pytest.mark.parametrize("cases, least", [(debian_cases, 627), (onnx_cases, 1103)], ids=["debian", "onnx"])
def test_cases_of_supported_operators_pass(tmp_path, cases, least):
    program = Path(os.environ["HASTEN"]).parent / "src" / "graph" / "hasten_graph_test"
    if not program.exists():
        pytest.skip("hasten_graph_test is not built")
    try:
        folder = cases()
    except subprocess.CalledProcessError:
        pytest.skip("the cases cannot be fetched here")
    assert run(program, folder, tmp_path / "report.xml") >= least

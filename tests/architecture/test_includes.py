"""The arrows of the architecture: which folder may include which."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src"

# Folder -> what it may include beside itself and base. Longest folder name first decides.
ARROWS = {
    "base": set(),
    "checkpoint": set(),
    "onnx": set(),
    "tokenizer": set(),
    "data": set(),
    "graph": {"onnx"},
    "graph/passes": {"graph"},
    "graph/forms": {"graph", "graph/passes"},
    "architectures": {"checkpoint", "graph"},
    "engine": {"graph", "graph/passes", "engine/cpu", "engine/generic"},
    "engine/generic": {"engine", "engine/cpu", "graph"},
    "engine/cpu": {"engine"},
    "engine/cuda": {"engine"},
    "classifier": {"tokenizer", "engine", "graph"},
    "pipeline": {"data", "classifier"},
    "job": {"pipeline", "data"},
    "report": set(),
    "fidelity": {"classifier", "data", "report"},
}
# Only these files of graph/ read and write ONNX; only these of engine/ see graphs and backends.
NARROW = {
    ("graph", "onnx"): {"free_names", "from_onnx", "graph_import", "to_onnx", "onnx_dtype"},
    ("engine", "graph"): {"lower", "lower_activation", "lower_distances", "lower_gate", "lower_heads",
                          "lower_lengths", "lower_operators", "lower_positions", "lower_rotation", "lower_scores", "lower_sources", "lower_tokens",
                          "lower_weights", "lowering", "session"},
    # Lowering tries values on numbers with what the passes have for it.
    ("engine", "graph/passes"): {"lower_activation", "lower_distances", "lower_gate", "lower_heads",
                                 "lower_lengths", "lower_rotation", "lower_tokens", "session"},
    ("engine", "engine/cpu"): {"device"},
    ("engine", "engine/generic"): {"session"},
}
# engine/cpu/isa is a part of engine/cpu, src/data/arrow of data, and so on.
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)


def folder_of(path: str) -> str:
    """The folder of ARROWS that a path below src/ belongs to."""
    candidates = [folder for folder in [*ARROWS, "api"] if path.startswith(folder + "/")]
    return max(candidates, key=len) if candidates else ""


def sources():
    return [path for path in SOURCE.rglob("*") if path.suffix in (".cpp", ".h", ".inc", ".cu", ".cuh")]


def wrong_includes(path: Path):
    """The includes of one file that no arrow allows."""
    relative = path.relative_to(SOURCE).as_posix()
    mine = folder_of(relative)
    if mine == "api":
        return
    is_test = path.stem.endswith(("_test", "_for_tests"))
    for include in INCLUDE.findall(path.read_text(encoding="utf-8")):
        if "/" not in include:
            continue
        theirs = folder_of(include)
        if not theirs or theirs in (mine, "base"):
            continue
        narrow = NARROW.get((mine, theirs))
        if theirs not in ARROWS[mine] and not is_test:
            yield f"{relative} includes {include}"
        elif narrow is not None and path.stem not in narrow and not is_test:
            yield f"{relative} includes {include}, which only {sorted(narrow)} may"


def test_every_folder_has_its_arrows_here():
    folders = {folder_of(path.relative_to(SOURCE).as_posix()) for path in sources()}
    assert "" not in folders


def test_no_folder_includes_upwards_or_sideways():
    wrong = [line for path in sources() for line in wrong_includes(path)]
    assert wrong == []


@pytest.mark.parametrize("folder", ["cli", "bench", "examples"])
def test_programs_use_the_public_headers_only(folder):
    wrong = []
    for path in (ROOT / folder).rglob("*.cpp"):
        if "kernels" in path.parts or "tokenizers" in path.parts:
            continue  # these measure parts that have no public name
        wrong += [f"{path.name} includes {include}" for include in INCLUDE.findall(path.read_text(encoding="utf-8"))
                  if "/" in include]
    assert wrong == []


def test_public_headers_show_no_third_party_or_inner_type():
    for path in (ROOT / "include").rglob("*.h"):
        text = path.read_text(encoding="utf-8")
        assert INCLUDE.findall(text) == [], path
        for include in re.findall(r"#include <([^>]+)>", text):
            assert "/" not in include or include.startswith("hasten/"), f"{path}: {include}"


def test_every_folder_has_a_readme():
    folders = {path.parent for path in sources()} | {ROOT / "cli", ROOT / "examples", ROOT / "tests", ROOT / "bench"}
    missing = [str(folder.relative_to(ROOT)) for folder in folders if not (folder / "README.md").exists()]
    assert missing == []

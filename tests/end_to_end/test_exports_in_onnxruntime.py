"""Exports of tests/goldens/exports, optimised: all pass by pass the same, those of float32 also in ONNX Runtime."""

import json
import tarfile

import pytest

from conftest import ROOT

numpy = pytest.importorskip("numpy")
onnxruntime = pytest.importorskip("onnxruntime")

ARCHIVES = sorted((ROOT / "tests" / "goldens" / "exports").glob("*.tar.xz"))


def run(session, batch):
    types = {each.name: numpy.int32 if "int32" in each.type else numpy.int64 for each in session.get_inputs()}
    return session.run(None, {name: numpy.array(batch[name], dtype=dtype) for name, dtype in types.items()})[0]


def open_session(path):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def distance(rows, golden):
    expected = numpy.array([[numpy.nan if x is None else x for x in row] for row in golden])
    assert (numpy.isnan(rows) == numpy.isnan(expected)).all()
    return numpy.abs(rows - expected)[~numpy.isnan(expected)].max(initial=0)


@pytest.mark.parametrize("archive", ARCHIVES, ids=lambda path: path.name.split(".")[0])
def test_optimised_exports_give_the_same_in_onnx_runtime(hasten, tmp_path, archive):
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path)
    folder = tmp_path / archive.name.split(".")[0]
    goldens = json.loads((folder / "golden.json").read_text())
    tried = 0
    for name, golden in goldens["files"].items():
        output = tmp_path / "out.onnx"
        hasten.ok("optimize", folder / name, output, "--quiet", "--verify-passes")
        if golden["precision"] != "fp32":
            continue
        # Where no layer is known to be fused, --strict refuses the file.
        hasten.ok("optimize", folder / name, output, "--quiet", *(["--strict"] if golden["layers"] else []))
        session = open_session(output)
        fixed = "fixed" in golden  # to one text of one length
        rows = numpy.concatenate([run(session, text) for text in goldens["fixed_texts" if fixed else "texts"]])
        assert distance(rows, golden["logits"]) <= 1e-4, name
        if not fixed:  # Left padding, holes, and a text that keeps nothing.
            assert distance(run(session, goldens["holed"]), golden["holed"]) <= 1e-4, name
        tried += 1
    assert tried > 0

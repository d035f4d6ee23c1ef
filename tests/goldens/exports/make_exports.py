"""Writes the exports that users have of every family, with the outputs that ONNX Runtime gives.

    python tests/goldens/exports/make_exports.py [FAMILY...]

One archive a family: NAME.onnx of every exporter, opset and attention, NAME.VARIANT.onnx of what ONNX
Runtime's tools make of them, and golden.json: "texts" (inputs of one text each), "holed" (a batch whose
masks have padding on the left, a hole and nothing kept) and for each file "layers" (encoder layers),
"precision", "logits" (of the texts), "holed" (of the batch) and, of quantised files,
"quantisation_error": the greatest distance to the logits of the file that was quantised. What a tool
could not do is printed and left out. Needs the packages of requirements.txt beside this file.
"""

import io
import json
import sys
import tarfile
import tempfile
from pathlib import Path

import numpy as np
import onnxruntime
import torch

import exporters
import legacy
import models
import variants

HERE = Path(__file__).resolve().parent
# Exports that ONNX Runtime's tools are tried on; of the others only the optimiser is.
WIDE = ("script11.eager", "script17.sdpa", "dynamo20.sdpa", "dynamo20.eager", "script12")
LAYERS = {"modernbert": 3}


def run(path, inputs):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    # A file is judged by what it says, not by what this version makes of it.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    types = {each.name: np.int32 if "int32" in each.type else np.int64 for each in session.get_inputs()}
    return session.run(None, {name: tensor.numpy().astype(types[name])
                              for name, tensor in inputs.items() if name in types})[0]


def rounded(array):
    return [[float(f"{x:.7g}") if np.isfinite(x) else None for x in row] for row in array.tolist()]


def golden(path, names, source, precision, layers):
    """What ONNX Runtime computes with a file."""
    rows = [models.batch(names, [row]) for row in models.texts()]
    logits = np.concatenate([run(path, row) for row in rows])
    found = {"layers": layers, "precision": precision, "logits": rounded(logits),
             "holed": rounded(run(path, models.holed(names)))}
    if precision == "int8":
        exact = np.concatenate([run(source, row) for row in rows])
        found["quantisation_error"] = float(f"{np.abs(logits - exact).max():.4g}")
    return found


def precision_of(variant):
    return "int8" if "int8" in variant or variant == "qdq" else "fp16" if "fp16" in variant else "fp32"


def make_files(family, folder):
    """Golden results by file name."""
    names, layers = exporters.names_of(family), LAYERS.get(family, 2)
    files = {}
    for name, how in exporters.exports_of(family):
        source = folder / f"{name}.onnx"
        wide = name.split(".", 1)[1] in WIDE
        made = [("", lambda source, target: exporters.export(family, how, target))]
        made += [(variant, make) for variant, make in variants.VARIANTS.items() if wide or variant == "ort"]
        for variant, make in made:
            target = folder / (f"{name}.{variant}.onnx" if variant else f"{name}.onnx")
            try:
                make(source, target)
                files[target.name] = golden(target, names, source, precision_of(variant), layers)
            except Exception as error:
                target.unlink(missing_ok=True)
                print(target.name, "is left out:", type(error).__name__, str(error).split("\n")[0][:150],
                      flush=True)
                if not variant:
                    break
    return files


def make_family(family):
    names = exporters.names_of(family)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        listed = lambda inputs: {name: tensor.tolist() for name, tensor in inputs.items()}
        goldens = {"texts": [listed(models.batch(names, [row])) for row in models.texts()],
                   "holed": listed(models.holed(names)), "files": make_files(family, folder)}
        with tarfile.open(HERE / f"{family}.tar.xz", "w:xz", preset=9) as archive:
            for name in sorted(goldens["files"]):
                archive.add(folder / name, arcname=f"{family}/{name}", filter=plain)
            text = json.dumps(goldens).encode()
            entry = plain(tarfile.TarInfo(f"{family}/golden.json"))
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text))
    print(family, len(goldens["files"]), "files", flush=True)


def plain(entry):
    """Without what differs from one making to the next."""
    entry.mtime = entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mode = 0o644
    return entry


if __name__ == "__main__":
    torch.set_num_threads(1)
    for each in sys.argv[1:] or [*models.CASES, *legacy.CASES]:
        make_family(each)

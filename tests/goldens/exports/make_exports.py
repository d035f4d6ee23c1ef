"""Writes the exports that users have of every family, with the outputs that ONNX Runtime gives.

    python tests/goldens/exports/make_exports.py [--errors] [FAMILY...]

One archive a family: NAME.onnx of every exporter, opset and attention, NAME.VARIANT.onnx of what ONNX
Runtime's tools make of them, and golden.json: "texts" (inputs of one text each), "holed" (a batch whose
masks have padding on the left, a hole and nothing kept) and for each file "layers" (encoder layers),
"precision", "logits" (of the texts), "holed" (of the batch) and, of quantised files,
"quantisation_error": the mean distance to the logits of the file that was quantised, over "many_texts"
(inputs of one text each, without a mask); these logits are that file's "many_logits". What a tool could
not do is printed and left out. Needs the packages of requirements.txt beside this file. With --errors
the files of the archives stay, and only these errors are worked out anew.
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


def run_all(path, batches):
    """The first output for each batch, one below the other."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    # A file is judged by what it says, not by what this version makes of it.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    types = {each.name: np.int32 if "int32" in each.type else np.int64 for each in session.get_inputs()}
    return np.concatenate([session.run(None, {name: np.asarray(tensor).astype(types[name])
                                              for name, tensor in inputs.items() if name in types})[0]
                           for inputs in batches])


def rounded(array):
    return [[float(f"{x:.7g}") if np.isfinite(x) else None for x in row] for row in array.tolist()]


def golden(path, names, precision, layers):
    """What ONNX Runtime computes with a file."""
    logits = run_all(path, [models.batch(names, [row]) for row in models.texts()])
    return {"layers": layers, "precision": precision, "logits": rounded(logits),
            "holed": rounded(run_all(path, [models.holed(names)]))}


def listed(inputs):
    return {name: tensor.tolist() for name, tensor in inputs.items()}


def source_of(name):
    """The file that a tool made another of."""
    return name.removesuffix(".onnx").rsplit(".", 1)[0] + ".onnx"


def add_quantisation_errors(goldens, folder, names):
    """How far quantised files are from those before, on many texts."""
    files = goldens["files"]
    quantised = [name for name in files if files[name]["precision"] == "int8"]
    if not quantised:
        return
    batches = [models.batch(names, [row]) for row in models.many_texts()]
    goldens["many_texts"] = [listed({name: tensor for name, tensor in batch.items() if name != "attention_mask"})
                             for batch in batches]
    exact = {source: run_all(folder / source, batches) for source in sorted(set(map(source_of, quantised)))}
    for source, logits in exact.items():
        files[source]["many_logits"] = rounded(logits)
    for name in quantised:
        error = np.abs(run_all(folder / name, batches) - exact[source_of(name)]).mean()
        files[name]["quantisation_error"] = float(f"{error:.4g}")


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
                files[target.name] = golden(target, names, precision_of(variant), layers)
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
        goldens = {"texts": [listed(models.batch(names, [row])) for row in models.texts()],
                   "holed": listed(models.holed(names)), "files": make_files(family, folder)}
        add_quantisation_errors(goldens, folder, names)
        pack(family, folder, goldens)


def measure_family(family):
    """The same of an archive's own files."""
    with tempfile.TemporaryDirectory() as temporary:
        with tarfile.open(HERE / f"{family}.tar.xz") as archive:
            archive.extractall(temporary)
        folder = Path(temporary) / family
        goldens = json.loads((folder / "golden.json").read_text())
        add_quantisation_errors(goldens, folder, list(goldens["texts"][0]))
        pack(family, folder, goldens)


def pack(family, folder, goldens):
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
    only_errors = "--errors" in sys.argv
    named = [each for each in sys.argv[1:] if each != "--errors"]
    for each in named or [*models.CASES, *legacy.CASES]:
        measure_family(each) if only_errors else make_family(each)

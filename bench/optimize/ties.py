"""Where `hasten run` and ONNX Runtime first differ on a quantised file: at activations between two integers.

    .venv-bench/bin/python bench/optimize/ties.py --hasten build/release/hasten

Takes the files and texts of quantisation.py on which not all logits are alike (without those whose operators quantise
inside), makes outputs of all integers and of what they are rounded from, runs both, and looks at the first node whose
integers differ: by how much; how far the activation, in levels of the quantisation, lies from the middle between two
integers; how far the two runtimes' activations lie apart, which is what sums of float32 in two orders give. Writes a
table in docs/numbers.md.
"""

import argparse
import csv
import datetime
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import numpy
import onnx
import onnxruntime

sys.path.append(str(Path(__file__).resolve().parents[1]))
import numbers_page  # noqa: E402
from quantisation import EXACT_TEXTS, EXPORTS, HERE, SAME, texts_of_ids

TEXTS_OF_A_FILE = 3


def open_session(model):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def in_onnxruntime(session, ids):
    values = {"input_ids": ids, "attention_mask": numpy.ones_like(ids), "token_type_ids": numpy.zeros_like(ids)}
    feed = {each.name: values[each.name][None].astype(numpy.int64) for each in session.get_inputs()}
    return feed, dict(zip([each.name for each in session.get_outputs()], session.run(None, feed)))


def in_hasten(hasten, path, feed):
    inputs = json.dumps({name: values.tolist() for name, values in feed.items()})
    done = subprocess.run([hasten, "run", path, "--inputs", "-"], input=inputs, check=True, capture_output=True, text=True)
    return {name: numpy.array(values) for name, values in json.loads(done.stdout).items()}


def quantising_nodes(model):
    return [node for node in model.graph.node if node.op_type in ("DynamicQuantizeLinear", "QuantizeLinear")]


def with_all_integers(model):
    """A copy whose outputs are also what is quantised and what becomes of it."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    names = [name for node in quantising_nodes(copy) for name in [node.input[0], *node.output]]
    for name in dict.fromkeys(names):
        if name not in {output.name for output in copy.graph.output}:
            copy.graph.output.add().name = name
    return copy


def first_difference(model, theirs, ours):
    """(integers that differ, by how much, levels from a tie, levels between the activations) of the first such node."""
    constants = {each.name: onnx.numpy_helper.to_array(each) for each in model.graph.initializer}
    for node in quantising_nodes(model):
        place = node.output[0]
        apart = numpy.abs(theirs[place].astype(int) - ours[place].astype(int))
        if not apart.any():
            continue
        differs = apart > 0
        scales = [float(each[node.output[1]] if len(node.output) > 1 else constants[node.input[1]])
                  for each in (theirs, ours)]
        levels = [each[node.input[0]].astype(float)[differs] / scale for each, scale in zip((theirs, ours), scales)]
        tie = numpy.abs(levels[0] - numpy.floor(levels[0]) - 0.5)
        return differs.sum(), apart.max(), tie.max(), numpy.abs(levels[0] - levels[1]).max()
    raise ValueError("the logits differ, and no integer does")


def differences_of(hasten, path, texts):
    model = onnx.load(path)
    wide = with_all_integers(model)
    sessions = open_session(model), open_session(wide)
    logits = sessions[0].get_outputs()[0].name
    wide_path = path.with_suffix(".wide.onnx")
    onnx.save(wide, wide_path)
    found = []
    for ids in texts:
        feed, theirs = in_onnxruntime(sessions[0], ids)
        if numpy.abs(theirs[logits] - in_hasten(hasten, path, feed)[logits]).max() <= SAME:
            continue
        found.append(first_difference(wide, in_onnxruntime(sessions[1], ids)[1], in_hasten(hasten, wide_path, feed)))
        if len(found) == TEXTS_OF_A_FILE:
            break
    return found


def summary(found, files):
    differing = numpy.array(found)
    return "\n".join([
        f"{datetime.date.today()}, {numbers_page.processor()}, ONNX Runtime {onnxruntime.__version__}; "
        "`.venv-bench/bin/python bench/optimize/ties.py --hasten build/release/hasten`.", "",
        "| files | texts looked at | integers that differ in the first node where any do | by | from the middle between two "
        "integers | between the two activations |", "|---|---|---|---|---|---|",
        f"| {files} | {len(found)} | {differing[:, 0].min():.0f} to {differing[:, 0].max():.0f} | "
        f"{differing[:, 1].max():.0f} | at most {differing[:, 2].max():.1e} levels | at most {differing[:, 3].max():.1e} "
        "levels |"])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hasten", required=True)
    arguments = parser.parse_args()
    with open(HERE / "quantisation.csv", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if float(row["exact_texts_equal"]) < 1]
    texts, found, files = texts_of_ids(EXACT_TEXTS), [], 0
    with tempfile.TemporaryDirectory() as temporary:
        for row in rows:
            with tarfile.open(EXPORTS / f"{row['family']}.tar.xz") as packed:
                packed.extract(f"{row['family']}/{row['file']}", temporary)
            path = Path(temporary) / row["family"] / row["file"]
            if {node.op_type for node in onnx.load(path).graph.node} & {"QAttention", "DynamicQuantizeMatMul"}:
                continue
            of_file = differences_of(arguments.hasten, path, texts)
            print(row["file"], *of_file, flush=True)
            found += of_file
            files += 1
    text = summary(found, files)
    print(text)
    numbers_page.write_part("ties", text)


if __name__ == "__main__":
    main()

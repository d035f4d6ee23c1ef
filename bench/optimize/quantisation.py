"""How far quantised files are from the files before, in ONNX Runtime's arithmetic and in the engine's.

    .venv/bin/python bench/optimize/quantisation.py --hasten build/release/hasten [--texts 1000]

Every int8 file of tests/goldens/exports that ONNX Runtime's tools made of an export, on texts of 1 to 30 random
tokens, one at a time, so that no text shares an activation scale with another: how far its logits are, in ONNX
Runtime and on the engine (`hasten predict`), from those of the float32 export in ONNX Runtime. On fewer than 1,000
texts the ratio of two errors, most of which the rounded weights make in both, is uncertain by several hundredths. On
the first 100 texts also whether the logits of `--exact` are ONNX Runtime's to 1e-5 (ties.py shows what differs where
they are not).
Writes quantisation.csv beside this file, a row for each file, and a summary in docs/numbers.md.
"""

import argparse
import csv
import datetime
import json
import subprocess
import sys
import tarfile
import tempfile
from collections import defaultdict
from pathlib import Path

import numpy
import onnxruntime

sys.path.append(str(Path(__file__).resolve().parents[1]))
import numbers_page  # noqa: E402

HERE = Path(__file__).resolve().parent
EXPORTS = HERE.parents[1] / "tests" / "goldens" / "exports"
FIRST_ID, VOCABULARY = 3, 61  # lower ones are special in some family
SAME = 1e-5
EXACT_TEXTS = 100  # the interpreter is slow


def texts_of_ids(count):
    generator = numpy.random.default_rng(7)
    return [generator.integers(FIRST_ID, VOCABULARY, generator.integers(1, 31)) for _ in range(count)]


def write_tokenizer(folder):
    """A folder whose tokenizer reads numbers as ids."""
    folder.mkdir()
    vocabulary = {str(number): number for number in range(VOCABULARY)}
    tokenizer = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None,
                 "pre_tokenizer": {"type": "WhitespaceSplit"}, "post_processor": None, "decoder": None,
                 "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "0"}}
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 36}))
    (folder / "config.json").write_text(json.dumps({"model_type": "bert", "id2label": {"0": "a", "1": "b", "2": "c"}}))


def in_onnxruntime(path, texts):
    """Logits, the file computed as it says."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def feed(ids):
        values = {"input_ids": ids, "attention_mask": numpy.ones_like(ids), "token_type_ids": numpy.zeros_like(ids)}
        return {each.name: values[each.name][None].astype(numpy.int32 if "int32" in each.type else numpy.int64)
                for each in session.get_inputs()}

    return numpy.concatenate([session.run(None, feed(ids))[0] for ids in texts])


def on_the_engine(hasten, path, tokenizer, texts, *flags):
    lines = "\n".join(" ".join(map(str, ids)) for ids in texts)
    done = subprocess.run([hasten, "predict", path, "--input", "-", "--json", "--quiet", "--logits", "--threads", "1",
                           "--tokenizer", tokenizer, *flags], input=lines, check=True, capture_output=True, text=True)
    return numpy.array([json.loads(line)["logits"] for line in done.stdout.splitlines()])


def quantised_files(archive, folder):
    """(family, path of the quantised file, path of the file before) of an archive of exports."""
    with tarfile.open(archive) as packed:
        packed.extractall(folder)
    family = archive.name.split(".")[0]
    goldens = json.loads((folder / family / "golden.json").read_text())["files"]
    for name, golden in goldens.items():
        if golden["precision"] == "int8":
            source = name.removesuffix(".onnx").rsplit(".", 1)[0] + ".onnx"
            yield family, folder / family / name, folder / family / source


def measure(hasten, family, path, source, tokenizer, texts):
    before, theirs = in_onnxruntime(source, texts), in_onnxruntime(path, texts)
    ours = on_the_engine(hasten, path, tokenizer, texts)
    exact = on_the_engine(hasten, path, tokenizer, texts[:EXACT_TEXTS], "--exact")
    errors = {"onnxruntime": numpy.abs(theirs - before), "engine": numpy.abs(ours - before)}
    row = {"family": family, "file": path.name}
    for name, error in errors.items():
        row |= {f"{name}_mean": f"{error.mean():.3e}", f"{name}_greatest": f"{error.max():.3e}"}
    row["ratio_of_means"] = f"{errors['engine'].mean() / errors['onnxruntime'].mean():.3f}"
    row["exact_texts_equal"] = f"{(numpy.abs(exact - theirs[:EXACT_TEXTS]).max(axis=1) <= SAME).mean():.2f}"
    return row


def measure_all(hasten, texts):
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_tokenizer(folder / "tokenizer")
        for archive in sorted(EXPORTS.glob("*.tar.xz")):
            for family, path, source in quantised_files(archive, folder):
                rows.append(measure(hasten, family, path, source, folder / "tokenizer", texts))
                print(",".join(rows[-1].values()), flush=True)
    return rows


def summary(rows, text_count):
    lines = [f"{datetime.date.today()}, {numbers_page.processor()}, one thread, ONNX Runtime {onnxruntime.__version__}, {text_count} texts; "
             "`.venv/bin/python bench/optimize/quantisation.py --hasten build/release/hasten`; a row for each file in "
             "bench/optimize/quantisation.csv.", "",
             "| family | int8 files | ONNX Runtime's mean error | the engine's | its share of ONNX Runtime's, file by "
             "file | files above 1 | texts whose `--exact` logits are ONNX Runtime's |",
             "|---|---|---|---|---|---|---|"]
    families = defaultdict(list)
    for row in rows:
        families[row["family"]].append(row)
    for family, group in [*sorted(families.items()), ("all", rows)]:
        of = lambda key: numpy.array([float(row[key]) for row in group])
        ratio = of("ratio_of_means")
        lines.append(f"| {family} | {len(group)} | {of('onnxruntime_mean').mean():.1e} | {of('engine_mean').mean():.1e} | "
                     f"{ratio.min():.2f} to {ratio.max():.2f} | {(ratio > 1).sum()} | "
                     f"{100 * of('exact_texts_equal').mean():.0f}% |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hasten", required=True)
    parser.add_argument("--texts", type=int, default=1000)
    arguments = parser.parse_args()
    rows = measure_all(arguments.hasten, texts_of_ids(arguments.texts))
    with open(HERE / "quantisation.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    text = summary(rows, arguments.texts)
    print(text)
    numbers_page.write_part("quantisation", text)


if __name__ == "__main__":
    main()

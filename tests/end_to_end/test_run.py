"""`hasten run`: any ONNX file on inputs of one's own, with the outputs that ONNX Runtime gives."""

import json
import math
import tarfile

import pytest

from conftest import ROOT, SENTIMENT

EXPORTS = ROOT / "tests" / "goldens" / "exports"
FAMILIES = ["bert", "modernbert", "legacy_distilbert"]
TOLERANCES = {"fp32": 1e-4, "fp16": 5e-3, "int8": 1e-5}  # of int8 the same integers, floats summed in another order


class Exports:
    """A family's files, and what ONNX Runtime computes with each (make_exports.py)."""

    def __init__(self, folder, family):
        with tarfile.open(EXPORTS / f"{family}.tar.xz") as archive:
            archive.extractall(folder)
        self.folder = folder / family
        self.goldens = json.loads((self.folder / "golden.json").read_text())

    def inputs(self, name, batch, hasten):
        """Those that the file takes."""
        taken = {each for each, _ in json.loads(hasten.ok("inspect", self.folder / name, "--json"))["inputs"].items()}
        return json.dumps({each: rows for each, rows in batch.items() if each in taken})


@pytest.fixture(scope="module")
def exports(tmp_path_factory):
    return {family: Exports(tmp_path_factory.mktemp("exports"), family) for family in FAMILIES}


def distance(actual, expected):
    """NaN (null in the goldens) equals NaN alone."""
    greatest = 0.0
    for row, golden in zip(actual, expected, strict=True):
        for a, b in zip(row, golden, strict=True):
            if (a == "NaN") != (b is None):
                return math.inf
            if b is not None:
                greatest = max(greatest, abs(a - b))
    return greatest


def outputs_of(hasten, model, inputs):
    (rows,) = json.loads(hasten.ok("run", model, "--inputs", "-", stdin=inputs)).values()
    return rows


@pytest.mark.parametrize("family", FAMILIES)
def test_outputs_are_those_of_onnx_runtime(hasten, exports, family):
    held = exports[family]
    for name, golden in held.goldens["files"].items():
        model = held.folder / name
        logits = [outputs_of(hasten, model, held.inputs(name, text, hasten))[0] for text in held.goldens["texts"]]
        assert distance(logits, golden["logits"]) <= TOLERANCES[golden["precision"]], name


@pytest.mark.parametrize("family", FAMILIES)
def test_left_padding_holes_and_rows_that_keep_nothing(hasten, exports, family):
    held = exports[family]
    masks = held.goldens["holed"]["attention_mask"]
    assert masks[0][0] == 0 and 0 in masks[1][1:-1] and not any(masks[2])
    for name, golden in held.goldens["files"].items():
        if golden["precision"] != "fp32":
            continue
        rows = outputs_of(hasten, held.folder / name, held.inputs(name, held.goldens["holed"], hasten))
        assert distance(rows, golden["holed"]) <= 1e-4, name


@pytest.fixture(scope="module")
def script(exports):
    return exports["bert"].folder / "bert.script14.eager.onnx"


GOOD = {"input_ids": [[5, 6, 7]], "attention_mask": [[1, 1, 1]], "token_type_ids": [[0, 0, 0]]}


def test_inputs_from_a_file_and_outputs_into_one(hasten, script, tmp_path):
    (tmp_path / "in.json").write_text(json.dumps(GOOD))
    printed = hasten.ok("run", script, "--inputs", tmp_path / "in.json", "--exact")
    assert hasten.ok("run", script, "--inputs", tmp_path / "in.json", "--output", tmp_path / "out.json") == ""
    assert (tmp_path / "out.json").read_text() == printed
    assert len(json.loads(printed)["logits"][0]) == 3


def test_a_checkpoint_folder_runs_as_its_converted_file(hasten, sentiment):
    inputs = json.dumps({"input_ids": [[101, 2023, 102]], "attention_mask": [[1, 1, 1]], "token_type_ids": [[0] * 3]})
    names = json.loads(hasten.ok("inspect", SENTIMENT, "--json"))["inputs"]
    inputs = json.dumps({name: rows for name, rows in json.loads(inputs).items() if name in names})
    outputs = [hasten.ok("run", model, "--inputs", "-", stdin=inputs) for model in (SENTIMENT, sentiment.converted)]
    assert outputs[0] == outputs[1]


@pytest.mark.parametrize("change, message", [
    ({"attention_mask": None}, "input attention_mask is missing"),
    ({"mask": [[1]]}, "no input named mask"),
    ({"input_ids": [[5, 6, 7], [5, 6]]}, "input input_ids[1]: the list has 2 elements"),
    ({"input_ids": [[5, 6, [7]]]}, "input input_ids[0][2]: a list stands where int64 is needed"),
    ({"input_ids": [[5, 6, 7.5]]}, "a number with a fraction stands"),
    ({"input_ids": [["NaN", 6, 7]]}, "a string stands"),
    ({"input_ids": [[None, 6, 7]]}, "null stands"),
    ({"input_ids": [5, 6, 7]}, "shape [3] is given and int64[batch_size, sequence_length] is declared"),
    ({"input_ids": 5}, "shape [] is given"),
    ({"input_ids": [[[5, 6], 7]]}, "is declared"),
    ({"input_ids": [[5, 6, 7000]]}, "Gather"),
])
def test_wrong_inputs_are_named(hasten, script, change, message):
    inputs = {name: rows for name, rows in (GOOD | change).items() if rows is not None or name not in change}
    if None in change.values():
        inputs = {name: rows for name, rows in inputs.items() if rows is not None}
    done = hasten("run", script, "--inputs", "-", stdin=json.dumps(inputs))
    assert done.returncode in (2, 4) and message in done.stderr, done.stderr
    assert done.stdout == "" and len(done.stderr.strip().splitlines()) <= 2


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"input_ids": NaN}'])
def test_what_is_no_object_is_refused(hasten, script, text):
    done = hasten("run", script, "--inputs", "-", stdin=text)
    assert done.returncode in (2, 4) and "standard input" in done.stderr


def test_a_missing_file_is_named(hasten, script, tmp_path):
    for arguments in ((script, "--inputs", tmp_path / "none.json"), (tmp_path / "none.onnx", "--inputs", "-")):
        done = hasten("run", *arguments, stdin=json.dumps(GOOD))
        assert done.returncode == 3 and str(tmp_path / "none") in done.stderr


def test_not_a_number_goes_in_and_out(hasten, tmp_path, onnx_file):
    model = onnx_file(["x"], "Sqrt", (1, 4))
    inputs = json.dumps({"x": [["NaN", "Infinity", "-Infinity", 4]]})
    assert json.loads(hasten.ok("run", model, "--inputs", "-", stdin=inputs)) == {"y": [["NaN", "Infinity", "NaN", 2]]}


@pytest.fixture
def onnx_file(tmp_path):
    """Writes a graph of one float operator from x to y, in protobuf's wire format."""
    def field(number, payload):
        return bytes([number << 3 | 2, len(payload)]) + payload

    def value(name, dims):
        shape = b"".join(field(1, bytes([8, dim])) for dim in dims)
        return field(1, name.encode()) + field(2, field(1, bytes([8, 1]) + field(2, shape)))

    def write(inputs, op_type, dims):
        node = b"".join(field(1, name.encode()) for name in inputs) + field(2, b"y") + field(4, op_type.encode())
        graph = field(1, node) + field(2, b"g") + field(11, value("x", dims)) + field(12, value("y", dims))
        path = tmp_path / f"{op_type}.onnx"
        path.write_bytes(bytes([8, 8]) + field(7, graph) + field(8, bytes([16, 17])))
        return path
    return write


def test_exact_scores_are_near_the_engines(hasten, sentiment):
    texts = [row["text"] for row in sentiment.goldens[:5]]
    exact = hasten.json_lines("predict", sentiment.optimized, *texts, "--json", "--exact")
    fast = hasten.json_lines("predict", sentiment.optimized, *texts, "--json")
    for a, b in zip(exact, fast, strict=True):
        assert max(abs(x - y) for x, y in zip(a["logits"], b["logits"])) <= 1e-5
    assert hasten("predict", sentiment.optimized, *texts, "--exact", "--precision", "int8").returncode == 5


def test_exact_jobs_and_benchmarks(hasten, sentiment, tmp_path):
    rows = [{"text": row["text"]} for row in sentiment.goldens[:5]]
    (tmp_path / "texts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    arguments = ["--model", sentiment.converted, "--input", tmp_path / "texts.jsonl", "--exact"]
    hasten.ok("label", *arguments, "--output", tmp_path / "scores.jsonl")
    assert len((tmp_path / "scores.jsonl").read_text().splitlines()) == 5
    report = json.loads(hasten.ok("bench", sentiment.converted, "--input", tmp_path / "texts.jsonl", "--exact", "--json"))
    assert "generic engine" in report["description"]

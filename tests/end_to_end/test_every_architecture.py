"""Every golden checkpoint becomes a file that ONNX Runtime computes as PyTorch does, alone and padded."""

import json
import shutil

import numpy
import pytest

from conftest import ROOT

GOLDENS = ROOT / "tests" / "goldens" / "checkpoints"
FOLDERS = sorted(path.parent for path in GOLDENS.glob("*/golden.json"))
VOCABULARY = 53
MOST_DIFFERENCE = 1e-4


@pytest.fixture
def folder(request, tmp_path):
    """A golden checkpoint with a tokenizer beside it, which these have none of."""
    copy = tmp_path / "checkpoint"
    shutil.copytree(request.param, copy)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    words += [f"word{number}" for number in range(VOCABULARY - len(words))]
    (copy / "vocab.txt").write_text("\n".join(words) + "\n")
    (copy / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "BertTokenizer"}))
    return copy


def run(session, rows, length, pad_id):
    """Logits of the rows in one batch, padded to `length`."""
    ids = numpy.full((len(rows), length), pad_id, dtype=numpy.int64)
    mask, types = numpy.zeros_like(ids), numpy.zeros_like(ids)
    for place, row in enumerate(rows):
        count = len(row["ids"])
        ids[place, :count], mask[place, :count] = row["ids"], 1
        types[place, :count] = row.get("type_ids", 0)
    inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
    return session.run(None, {value.name: inputs[value.name] for value in session.get_inputs()})[0]


@pytest.mark.parametrize("folder", FOLDERS, indirect=True, ids=lambda path: path.name)
def test_onnx_runtime_computes_the_golden_logits(hasten, folder, tmp_path):
    onnxruntime = pytest.importorskip("onnxruntime")
    golden = json.loads((folder / "golden.json").read_text())
    rows, pad_id = golden["rows"], golden["pad_id"]
    expected = numpy.array([row["logits"] for row in rows])
    model = tmp_path / "model.onnx"
    hasten.ok("convert", folder, model)
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    alone = numpy.concatenate([run(session, [row], len(row["ids"]), pad_id) for row in rows])
    longest = max(len(row["ids"]) for row in rows)
    padded = run(session, rows, longest, pad_id)
    assert numpy.abs(alone - expected).max() <= MOST_DIFFERENCE
    assert numpy.abs(padded - expected).max() <= MOST_DIFFERENCE
    texts = ["word1 word2", "word7", "word5 word40 word3 word9"]
    tokens = hasten.json_lines("tokenize", model, *texts, "--json")
    scores = hasten.json_lines("predict", model, *texts, "--json")
    for token_row, score in zip(tokens, scores, strict=True):
        logits = run(session, [token_row], len(token_row["ids"]), pad_id)
        assert numpy.abs(logits[0] - score["logits"]).max() <= MOST_DIFFERENCE

"""Writes exports of TensorFlow encoders by tf2onnx, with the outputs that ONNX Runtime gives.

    python tests/goldens/exports/make_tensorflow.py

One archive, tensorflow.tar.xz, of the form that make_exports.py writes. Needs the packages of
requirements-tensorflow.txt in an environment of its own: the last transformers with TensorFlow models.
"""

import io
import json
import os
import tarfile
import tempfile
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import onnxruntime
import tensorflow as tf
import tf2onnx
import transformers as hf

HERE = Path(__file__).resolve().parent
SIZES = dict(vocab_size=61, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=40,
             max_position_embeddings=40, num_labels=3)
CASES = {
    "bert": (hf.TFBertForSequenceClassification, hf.BertConfig, SIZES),
    "distilbert": (hf.TFDistilBertForSequenceClassification, hf.DistilBertConfig,
                   dict(vocab_size=61, dim=32, n_layers=2, n_heads=4, hidden_dim=40, max_position_embeddings=40,
                        num_labels=3)),
    "roberta": (hf.TFRobertaForSequenceClassification, hf.RobertaConfig, SIZES | dict(type_vocab_size=1, pad_token_id=1)),
    "electra": (hf.TFElectraForSequenceClassification, hf.ElectraConfig, SIZES | dict(embedding_size=20)),
}
WITH_TYPES = {"bert", "electra"}
OPSETS = (11, 13, 17)


def names_of(family):
    return ["input_ids", "attention_mask"] + (["token_type_ids"] if family in WITH_TYPES else [])


def build(family):
    model_class, config_class, sizes = CASES[family]
    tf.keras.utils.set_random_seed(7)
    model = model_class(config_class(**sizes))
    model(batch(["input_ids", "attention_mask"], [[5, 6, 7]]), training=False)
    generator = np.random.default_rng(11)
    for weight in model.trainable_variables:
        noise = generator.standard_normal(weight.shape)
        weight.assign(1 + 0.2 * noise if "gamma" in weight.name else 0.25 * noise)
    return model


def rows():
    generator = np.random.default_rng(3)
    return [generator.integers(4, 61, length).tolist() for length in (1, 2, 9, 17)]


def batch(names, texts):
    length = max(map(len, texts))
    every = {"input_ids": [row + [1] * (length - len(row)) for row in texts],
             "attention_mask": [[1] * len(row) + [0] * (length - len(row)) for row in texts],
             "token_type_ids": [[int(2 * place > len(row)) for place in range(length)] for row in texts]}
    return {name: np.array(every[name], dtype=np.int32) for name in names}


def holed(names):
    texts = rows()
    inputs = batch(names, [texts[2][:8], texts[3][:8], texts[3][8:16]])
    inputs["attention_mask"] = np.array([[0, 0, 1, 1, 1, 1, 1, 1], [1, 1, 0, 1, 1, 0, 1, 1], [0] * 8], dtype=np.int32)
    return inputs


def export(model, names, opset, path):
    signature = [tf.TensorSpec((None, None), tf.int32, name=name) for name in names]

    @tf.function(input_signature=signature)
    def logits(*inputs):
        return {"logits": model(dict(zip(names, inputs)), training=False).logits}

    tf2onnx.convert.from_function(logits, input_signature=signature, opset=opset, output_path=str(path))


def run(path, inputs):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return session.run(None, {each.name: inputs[each.name] for each in session.get_inputs()})[0]


def rounded(array):
    return [[float(f"{x:.7g}") if np.isfinite(x) else None for x in row] for row in array.tolist()]


def plain(entry):
    entry.mtime = entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mode = 0o644
    return entry


def main():
    every = ["input_ids", "attention_mask", "token_type_ids"]
    goldens = {"texts": [{name: values.tolist() for name, values in batch(every, [row]).items()} for row in rows()],
               "holed": {name: values.tolist() for name, values in holed(every).items()}, "files": {}}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for family in CASES:
            model, names = build(family), names_of(family)
            for opset in OPSETS:
                path = folder / f"tensorflow_{family}.tf2onnx{opset}.onnx"
                export(model, names, opset, path)
                inputs = [batch(names, [row]) for row in rows()]
                exact = np.concatenate([model(each, training=False).logits.numpy() for each in inputs])
                logits = np.concatenate([run(path, each) for each in inputs])
                assert np.abs(exact - logits).max() < 1e-4, path.name
                goldens["files"][path.name] = {"layers": 2, "precision": "fp32", "logits": rounded(logits),
                                               "holed": rounded(run(path, holed(names)))}
                print(path.name, flush=True)
        with tarfile.open(HERE / "tensorflow.tar.xz", "w:xz", preset=9) as archive:
            for name in sorted(goldens["files"]):
                archive.add(folder / name, arcname=f"tensorflow/{name}", filter=plain)
            text = json.dumps(goldens).encode()
            entry = plain(tarfile.TarInfo("tensorflow/golden.json"))
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text))


if __name__ == "__main__":
    main()

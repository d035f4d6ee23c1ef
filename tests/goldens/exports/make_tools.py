"""Writes exports of further encoders, and what further tools make of exports, with ONNX Runtime's outputs.

    python tests/goldens/exports/make_tools.py

One archive, tools.tar.xz, of the form that make_exports.py writes, whose files say their own number of fused layers;
those of texts of one length have "fixed": their texts are "fixed_texts", padded to it. Needs the packages of
requirements.txt beside this file, and onnxsim 0.8.1 and onnxslim 0.1.98.
"""

import json
import tempfile
from pathlib import Path

import onnx
import onnxsim
import onnxslim
import torch
import transformers as hf
from onnxruntime.quantization.matmul_nbits_quantizer import DefaultWeightOnlyQuantConfig, MatMulNBitsQuantizer
from onnxruntime.transformers import optimizer

import encoders
import exporters
import make_exports
import models
import variants

LENGTH = 24
FURTHER = {
    "deberta": (hf.DebertaForSequenceClassification,
                models.SIZES | dict(relative_attention=True, pos_att_type=["c2p", "p2c"], max_relative_positions=-1,
                                    type_vocab_size=0, position_biased_input=False)),
    "squeezebert": (hf.SqueezeBertForSequenceClassification, models.SIZES | dict(embedding_size=models.WIDTH)),
    "xlm": (hf.XLMForSequenceClassification,
            dict(vocab_size=models.VOCABULARY, emb_dim=models.WIDTH, n_layers=2, n_heads=models.HEADS,
                 max_position_embeddings=40, num_labels=3, n_langs=1, pad_index=1, pad_token_id=1)),
    "roformer": (hf.RoFormerForSequenceClassification, models.SIZES | dict(embedding_size=models.WIDTH)),
}


def fix(source):
    return {value.name: [1, LENGTH] for value in onnx.load(str(source)).graph.input}


def simplify(source, target):
    model, _ = onnxsim.simplify(onnx.load(str(source)), overwrite_input_shapes=fix(source))
    onnx.save(model, str(target))


def slim(source, target):
    shapes = [f"{name}:1,{LENGTH}" for name in fix(source)]
    onnxslim.slim(str(source), str(target), input_shapes=shapes, no_print=True)


def optimize(source, target):
    optimizer.optimize_model(str(source), model_type="bert", num_heads=models.HEADS, hidden_size=models.WIDTH,
                             opt_level=2).save_model_to_file(str(target))


def store_blocks(source, target):
    form = DefaultWeightOnlyQuantConfig(block_size=16, is_symmetric=False, bits=4)
    quantizer = MatMulNBitsQuantizer(onnx.load(str(source)), algo_config=form)
    quantizer.process()
    quantizer.model.save_model_to_file(str(target), False)


# Family, how it is exported, how many layers passes fuse, and the tools that are tried on the export.
CASES = [
    ("bert", ("eager", 14, False), 2, {"sim_fixed": simplify, "slim_fixed": slim, "blocks": store_blocks}),
    ("roberta", ("sdpa", 20, True), 2, {"level2": optimize}),
    ("mpnet", ("eager", 14, False), 2, {"sim_fixed": simplify}),
    ("deberta", ("eager", 14, False), 2, {"sim_fixed": simplify, "level2": optimize}),
    ("deberta", ("sdpa", 20, True), 2, {}),
    ("xlm", ("eager", 14, False), 2, {"sim_fixed": simplify, "ort": variants.optimize}),
    ("xlm", ("sdpa", 20, True), 2, {}),
    ("roformer", ("eager", 14, False), 2, {"sim_fixed": simplify}),
    ("squeezebert", ("eager", 17, False), 0, {}),
    ("nomic", ("sdpa", 17, False), 2, {}),
    ("gte", ("eager", 14, False), 2, {"ort": variants.optimize}),
    ("jina", ("sdpa", 17, False), 2, {}),
    ("jina_table", ("eager", 14, False), 2, {}),
]
EVERY = ["input_ids", "attention_mask", "token_type_ids"]


def fixed_batches():
    batches = []
    for row in models.texts():
        pads = LENGTH - len(row)
        batches.append({"input_ids": torch.tensor([row + [1] * pads]),
                        "attention_mask": torch.tensor([[1] * len(row) + [0] * pads]),
                        "token_type_ids": torch.tensor([[int(2 * place > len(row)) for place in range(LENGTH)]])})
    return batches


def golden(path, variant, layers):
    found = {"layers": layers, "precision": "fp32"}
    if variant.endswith("fixed"):
        return found | {"fixed": True, "holed": [],
                        "logits": make_exports.rounded(make_exports.run_all(path, fixed_batches()))}
    return make_exports.golden(path, EVERY, "fp32", layers)


def main():
    torch.set_num_threads(1)
    models.CASES.update(FURTHER)
    models.WITH_TYPES |= {"squeezebert", "roformer"}
    models.EAGER_ONLY |= set(FURTHER)
    models.build = encoders.building(models.build)
    with tempfile.TemporaryDirectory() as temporary:
        folder, files = Path(temporary), {}
        for family, how, layers, tools in CASES:
            attention = "eager" if family in models.EAGER_ONLY else how[0]
            name = f"{family}_{'dynamo' if how[2] else 'script'}{how[1]}"
            source = folder / f"{name}.onnx"
            exporters.export(family, (attention, *how[1:]), source)
            files[source.name] = golden(source, "", layers)
            for variant, make in tools.items():
                target = folder / f"{name}.{variant}.onnx"
                make(source, target)
                files[target.name] = golden(target, variant, layers)
            print(name, flush=True)
        goldens = {"texts": [make_exports.listed(models.batch(EVERY, [row])) for row in models.texts()],
                   "fixed_texts": [make_exports.listed(batch) for batch in fixed_batches()],
                   "holed": make_exports.listed(models.holed(EVERY)), "files": files}
        make_exports.pack("tools", folder, goldens)


if __name__ == "__main__":
    main()

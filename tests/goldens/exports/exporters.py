"""Every way in which torch has written an encoder as ONNX."""

import warnings

import torch

import legacy
import models

warnings.filterwarnings("ignore")

SCRIPT_OPSETS = {"eager": (9, 11, 14, 17), "sdpa": (14, 17)}
DYNAMO_OPSETS = (18, 20, 23)
LEGACY_OPSETS = (9, 11, 12)


def exports_of(family):
    """(name, how) of all exports of a family."""
    if family in legacy.CASES:
        first = 12 if "einsum" in family or "albert" in family else 9
        return [(f"{family}.script{opset}", ("eager", opset, False)) for opset in LEGACY_OPSETS
                if opset >= first]
    attentions = ("eager",) if family in models.EAGER_ONLY else ("eager", "sdpa")
    script = [(f"{family}.script{opset}.{attention}", (attention, opset, False))
              for attention in attentions for opset in SCRIPT_OPSETS[attention]]
    return script + [(f"{family}.dynamo{opset}.{attention}", (attention, opset, True))
                     for attention in attentions[-1:] for opset in DYNAMO_OPSETS]


class Logits(torch.nn.Module):
    """The model with its inputs by position and one output."""

    def __init__(self, model, names):
        super().__init__()
        self.model, self.names = model, names

    def forward(self, *inputs):
        result = self.model(**dict(zip(self.names, inputs)))
        return result if isinstance(result, torch.Tensor) else result.logits


def names_of(family):
    return ["input_ids", "attention_mask", "token_type_ids"] if family in legacy.CASES \
        else models.input_names(family)


def export(family, how, path):
    attention, opset, dynamo = how
    names = names_of(family)
    model = legacy.build(family) if family in legacy.CASES else models.build(family, attention)
    example = models.batch(names, [models.texts()[2], models.texts()[2][:6]])
    axes = {name: {0: "batch_size", 1: "sequence_length"} for name in names}
    options = dict(input_names=names, output_names=["logits"], opset_version=opset, dynamo=dynamo)
    if dynamo:
        dims = {0: torch.export.Dim("batch_size"), 1: torch.export.Dim("sequence_length", max=40)}
        options |= dict(dynamic_shapes={"inputs": tuple(dims for _ in names)}, external_data=False,
                        verbose=False)
    else:
        options |= dict(dynamic_axes=axes | {"logits": {0: "batch_size"}})
    with torch.no_grad():
        torch.onnx.export(Logits(model, names), tuple(example.values()), str(path), **options)

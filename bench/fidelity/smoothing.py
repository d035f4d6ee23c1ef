#!/usr/bin/env python3
"""Moves outliers of activations into weights where that costs nothing, and measures whether int8 gains by it.

usage: smoothing.py MODEL TEXTS OUTPUT_FOLDER [--share S]

In a post-normalised encoder that place is between attention's values and its output: column j of the value product is
divided by s_j, row j of the output product multiplied. Each s_j is a power of two, so that fp32 gives the same bits.
s_j = a_j^S / w_j^(1 - S), as SmoothQuant has it, from the largest activation a_j on the first 150 texts and the largest
weight w_j. (What a LayerNorm scales goes into the residual too, and GELU lets no scale pass.) Writes the checkpoint;
`hasten verify` compares it. Needs .venv-bench.
"""

import argparse
import shutil
from pathlib import Path

import torch
import transformers as hf


def largest_inputs(model, tokenizer, texts):
    """For each layer the largest absolute value of each channel that attention's output product reads."""
    largest = {}

    def watch(layer):
        def note(_, inputs, __):
            values = inputs[0].abs().flatten(0, -2).amax(0)
            largest[layer] = torch.maximum(largest.get(layer, torch.zeros_like(values)), values)
        return note

    layers = model.base_model.encoder.layer
    hooks = [layer.attention.output.dense.register_forward_hook(watch(i)) for i, layer in enumerate(layers)]
    with torch.no_grad():
        for text in texts:
            model(**tokenizer(text, return_tensors="pt", truncation=True, max_length=128))
    for hook in hooks:
        hook.remove()
    return largest


def smooth(model, largest, share):
    for index, layer in enumerate(model.base_model.encoder.layer):
        output, value = layer.attention.output.dense.weight.data, layer.attention.self.value
        activation, weight = largest[index].clamp_min(1e-5), output.abs().amax(0).clamp_min(1e-5)
        scale = activation ** share / weight ** (1 - share)
        scale = torch.exp2(torch.round(torch.log2(scale / scale.log().mean().exp())))
        value.weight.data /= scale[:, None]
        value.bias.data /= scale
        output *= scale
        print(f"layer {index}: scales from {scale.min().item()} to {scale.max().item()}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("texts", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--share", type=float, default=0.5)
    options = parser.parse_args()
    torch.set_num_threads(1)
    model = hf.AutoModelForSequenceClassification.from_pretrained(options.model).eval()
    tokenizer = hf.AutoTokenizer.from_pretrained(options.model)
    texts = options.texts.read_text(encoding="utf-8").split("\n")[:150]
    smooth(model, largest_inputs(model, tokenizer, texts), options.share)
    shutil.copytree(options.model, options.output, copy_function=shutil.copyfile,
                    ignore=shutil.ignore_patterns("*.safetensors", "pytorch_model*"))
    model.save_pretrained(options.output)


if __name__ == "__main__":
    main()

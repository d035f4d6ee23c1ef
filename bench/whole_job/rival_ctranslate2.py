"""CTranslate2: its encoder in fp32 and int8; the classifier's last product is numpy's."""

import ctranslate2
import numpy

from rival import main

TYPES = {"fp32": "float32", "int8": "int8"}


class CTranslate2:
    name = "CTranslate2"
    version = ctranslate2.__version__
    precisions = ["fp32", "int8"]

    @staticmethod
    def prepare(job):
        from ctranslate2.converters import TransformersConverter
        for kind in TYPES.values():
            TransformersConverter(str(job.folder)).convert(str(job.workspace / f"ctranslate2-{kind}"), force=True,
                                                           quantization=None if kind == "float32" else kind)

    @staticmethod
    def open(job, precision, threads):
        from safetensors.numpy import load_file
        kind = TYPES[precision]
        encoder = ctranslate2.Encoder(str(job.workspace / f"ctranslate2-{kind}"), device="cpu", compute_type=kind,
                                      inter_threads=1, intra_threads=threads)
        weights = load_file(job.folder / "model.safetensors")
        weight, bias = weights["classifier.weight"], weights["classifier.bias"]

        def classify(ids, mask):
            lengths = mask.sum(1)
            output = encoder.forward_batch([row[:length].tolist() for row, length in zip(ids, lengths)])
            return numpy.array(output.pooler_output) @ weight.T + bias

        return {kind: classify}


if __name__ == "__main__":
    main(CTranslate2)

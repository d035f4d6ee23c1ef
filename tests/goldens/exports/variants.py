"""What users make of an export with ONNX Runtime's tools, each a function of (source, target)."""

import logging

import numpy as np
import onnx
import onnxruntime
from onnxruntime.quantization import (CalibrationDataReader, QuantFormat, QuantType, quantize_dynamic,
                                      quantize_static)
from onnxruntime.transformers import float16, optimizer
from onnxruntime.transformers.fusion_options import FusionOptions

import models

logging.disable(logging.WARNING)
DEFAULT_TYPE = {"DefaultTensorType": onnx.TensorProto.FLOAT}


def optimize(source, target, multi_head=False, raw_mask=False):
    options = FusionOptions("bert")
    options.use_multi_head_attention = multi_head
    if raw_mask:
        options.use_raw_attention_mask(True)
    model = optimizer.optimize_model(str(source), model_type="bert", num_heads=models.HEADS,
                                     hidden_size=models.WIDTH, optimization_options=options)
    model.save_model_to_file(str(target))


def optimize_raw(source, target):
    optimize(source, target, raw_mask=True)


def optimize_multi_head(source, target):
    optimize(source, target, multi_head=True)


def half(source, target):
    onnx.save(float16.convert_float_to_float16(onnx.load(str(source)), keep_io_types=True), str(target))


def optimized_half(source, target):
    model = optimizer.optimize_model(str(source), model_type="bert", num_heads=models.HEADS,
                                     hidden_size=models.WIDTH)
    model.convert_float_to_float16(keep_io_types=True)
    model.save_model_to_file(str(target))


def int8(source, target, per_channel=False):
    quantize_dynamic(str(source), str(target), per_channel=per_channel, weight_type=QuantType.QInt8,
                     extra_options=DEFAULT_TYPE)


def int8_channel(source, target):
    int8(source, target, per_channel=True)


def unsigned_int8(source, target):
    quantize_dynamic(str(source), str(target), weight_type=QuantType.QUInt8, extra_options=DEFAULT_TYPE)


def optimized_int8(source, target):
    middle = target.with_suffix(".middle.onnx")
    options = FusionOptions("bert")
    options.enable_embed_layer_norm = False  # as Optimum does
    optimizer.optimize_model(str(source), model_type="bert", num_heads=models.HEADS,
                             hidden_size=models.WIDTH,
                             optimization_options=options).save_model_to_file(str(middle))
    int8(middle, target)
    middle.unlink()


def session(source, target):
    """As ONNX Runtime saves what a session made of it."""
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(target)
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.log_severity_level = 3
    onnxruntime.InferenceSession(str(source), options, providers=["CPUExecutionProvider"])


def session_int8(source, target):
    middle = target.with_suffix(".middle.onnx")
    int8(source, middle)
    session(middle, target)
    middle.unlink()


class Calibration(CalibrationDataReader):
    def __init__(self, names):
        rows = models.texts()
        self.batches = iter([{name: tensor.numpy() for name, tensor in
                              models.batch(names, [row]).items()} for row in rows + rows[::-1]])

    def get_next(self):
        return next(self.batches, None)


def qdq(source, target):
    names = [value.name for value in onnx.load(str(source)).graph.input]
    quantize_static(str(source), str(target), Calibration(names), quant_format=QuantFormat.QDQ,
                    activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8, per_channel=True,
                    op_types_to_quantize=["MatMul", "Gemm"],
                    extra_options=DEFAULT_TYPE | {"WeightSymmetric": True})


VARIANTS = {"ort": optimize, "ort_raw": optimize_raw, "ort_mha": optimize_multi_head, "fp16": half,
            "ort_fp16": optimized_half, "int8": int8, "int8_channel": int8_channel,
            "uint8": unsigned_int8, "ort_int8": optimized_int8, "session": session,
            "session_int8": session_int8, "qdq": qdq}

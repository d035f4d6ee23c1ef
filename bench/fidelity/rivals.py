"""The rivals' int8: each takes a folder and its converted file, and gives a function from ids to logits."""

from pathlib import Path

import numpy


def inputs_of(ids, mask, names):
    given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": numpy.zeros_like(ids)}
    return {name: given[name] for name in given if name in names}


def onnxruntime_int8(folder, converted, workspace, calibration, per_channel):
    """ONNX Runtime's dynamic quantisation, as its tools do it; activations have one scale a tensor."""
    import onnxruntime
    from onnxruntime.quantization import QuantType, quantize_dynamic
    path = workspace / f"onnxruntime-{'channel' if per_channel else 'tensor'}.onnx"
    quantize_dynamic(converted, path, weight_type=QuantType.QInt8, per_channel=per_channel)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = {each.name for each in session.get_inputs()}
    return lambda ids, mask: session.run(None, inputs_of(ids, mask, names))[0]


def openvino_int8(folder, converted, workspace, calibration):
    """NNCF's post-training quantisation for transformers, calibrated on 300 of the texts."""
    import nncf
    import openvino
    core = openvino.Core()
    model = core.read_model(converted)
    names = {each.get_any_name() for each in model.inputs}
    dataset = nncf.Dataset(calibration, lambda ids: inputs_of(ids, numpy.ones_like(ids), names))
    quantized = nncf.quantize(model, dataset, model_type=nncf.ModelType.TRANSFORMER, subset_size=len(calibration))
    compiled = core.compile_model(quantized, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return lambda ids, mask: compiled(inputs_of(ids, mask, names))[0]


def ctranslate2_int8(folder, converted, workspace, calibration):
    """CTranslate2's int8: one scale a token; the classifier itself in numpy."""
    import ctranslate2
    from ctranslate2.converters import TransformersConverter
    from safetensors.numpy import load_file
    path = workspace / "ctranslate2-int8"
    TransformersConverter(str(folder)).convert(str(path), quantization="int8", force=True)
    encoder = ctranslate2.Encoder(str(path), device="cpu", compute_type="int8")
    tensors = load_file(Path(folder) / "model.safetensors")
    weight, bias = (tensors[f"classifier.{name}"].astype(numpy.float32) for name in ("weight", "bias"))

    def run(ids, mask):
        lengths = mask.sum(axis=1)
        rows = [[int(each) for each in row[:length]] for row, length in zip(ids, lengths)]
        return numpy.asarray(encoder.forward_batch(rows).pooler_output) @ weight.T + bias

    return run


RIVALS = {
    "ONNX Runtime int8": lambda *arguments: onnxruntime_int8(*arguments, per_channel=False),
    "ONNX Runtime int8, per channel": lambda *arguments: onnxruntime_int8(*arguments, per_channel=True),
    "OpenVINO int8 (NNCF)": openvino_int8,
    "CTranslate2 int8": ctranslate2_int8,
}

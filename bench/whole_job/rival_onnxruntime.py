"""ONNX Runtime: fp32 after its own optimiser and after Hasten's; int8 by its own dynamic quantisation, per tensor and
per channel."""

import numpy
import onnxruntime

from rival import main


def open_session(path, threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    types = {value.name: numpy.int32 if "int32" in value.type else numpy.int64 for value in session.get_inputs()}

    def classify(ids, mask):
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": numpy.zeros_like(ids)}
        return session.run(None, {name: inputs[name].astype(kind) for name, kind in types.items()})[0]

    return classify


class OnnxRuntime:
    name = "ONNX Runtime"
    version = onnxruntime.__version__
    precisions = ["fp32", "int8"]

    @staticmethod
    def prepare(job):
        from onnxruntime.quantization import QuantType, quantize_dynamic
        from onnxruntime.transformers import optimizer
        own = job.workspace / "ort-fp32.onnx"
        # num_heads = hidden_size = 0: read from the graph.
        optimizer.optimize_model(str(job.onnx), model_type="bert", num_heads=0, hidden_size=0,
                                 opt_level=0).save_model_to_file(str(own))
        for name, per_channel in (("ort-int8.onnx", False), ("ort-int8-channels.onnx", True)):
            quantize_dynamic(str(own), str(job.workspace / name), weight_type=QuantType.QInt8,
                             per_channel=per_channel, extra_options={"DefaultTensorType": 1})

    @staticmethod
    def open(job, precision, threads):
        if precision == "fp32":
            paths = {"own optimiser": job.workspace / "ort-fp32.onnx", "Hasten's optimiser": job.optimized_onnx}
        else:
            paths = {"per tensor": job.workspace / "ort-int8.onnx",
                     "per channel": job.workspace / "ort-int8-channels.onnx"}
        return {form: open_session(path, threads) for form, path in paths.items()}


if __name__ == "__main__":
    main(OnnxRuntime)

"""ONNX Runtime in fp32, its own transformer optimiser and every graph optimisation on."""

import tempfile

import numpy
import onnxruntime
from onnxruntime.transformers import optimizer

from rival import measure


def open_model(folder, onnx_path, threads):
    # num_heads = hidden_size = 0: read from the graph.
    optimized = optimizer.optimize_model(onnx_path, model_type="bert", num_heads=0, hidden_size=0, opt_level=1)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    with tempfile.NamedTemporaryFile(suffix=".onnx") as file:
        optimized.save_model_to_file(file.name)
        session = onnxruntime.InferenceSession(file.name, options, providers=["CPUExecutionProvider"])
    types = {value.name: numpy.int32 if "int32" in value.type else numpy.int64 for value in session.get_inputs()}

    def classify(ids, mask):
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": numpy.zeros_like(ids)}
        return session.run(None, {name: inputs[name].astype(kind) for name, kind in types.items()})[0]

    return classify


if __name__ == "__main__":
    measure("ONNX Runtime fp32", open_model, onnxruntime.__version__)

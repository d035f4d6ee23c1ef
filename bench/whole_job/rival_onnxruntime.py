"""ONNX Runtime in fp32 with every graph optimisation on: the file after its own optimiser, and after Hasten's."""

import tempfile

import numpy
import onnxruntime
from onnxruntime.transformers import optimizer

from rival import measure


def open_session(path, threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    types = {value.name: numpy.int32 if "int32" in value.type else numpy.int64 for value in session.get_inputs()}

    def classify(ids, mask):
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": numpy.zeros_like(ids)}
        return session.run(None, {name: inputs[name].astype(kind) for name, kind in types.items()})[0]

    return classify


def open_models(folder, onnx_paths, threads):
    converted, optimized_by_hasten = onnx_paths
    # num_heads = hidden_size = 0: read from the graph.
    optimized = optimizer.optimize_model(converted, model_type="bert", num_heads=0, hidden_size=0, opt_level=0)
    with tempfile.NamedTemporaryFile(suffix=".onnx") as file:
        optimized.save_model_to_file(file.name)
        own = open_session(file.name, threads)
    return {"own optimiser": own, "Hasten's optimiser": open_session(optimized_by_hasten, threads)}


if __name__ == "__main__":
    measure("ONNX Runtime fp32", open_models, onnxruntime.__version__)

"""OpenVINO: fp32, bf16, and int8 by its own post-training quantisation (NNCF, calibrated on tweets), the rest of the
model in fp32 or bf16."""

import numpy
import openvino

from rival import main, read_lines


class OpenVino:
    name = "OpenVINO"
    version = openvino.__version__.split("-")[0]
    precisions = ["fp32", "bf16", "int8"]

    @staticmethod
    def prepare(job):
        import nncf
        from tokenizers import Tokenizer
        tokenizer = Tokenizer.from_file(str(job.folder / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.enable_truncation(job.max_length)
        model = openvino.Core().read_model(job.onnx)
        names = {value.get_any_name() for value in model.inputs}

        def inputs_of(text):
            ids = numpy.array([tokenizer.encode(text).ids], dtype=numpy.int64)
            inputs = {"input_ids": ids, "attention_mask": numpy.ones_like(ids), "token_type_ids": numpy.zeros_like(ids)}
            return {name: value for name, value in inputs.items() if name in names}

        texts = read_lines(job.texts)[-300:]
        quantized = nncf.quantize(model, nncf.Dataset(texts, inputs_of), model_type=nncf.ModelType.TRANSFORMER,
                                  subset_size=len(texts))
        openvino.save_model(quantized, job.workspace / "openvino-int8.xml")

    @staticmethod
    def compile(path, rest, threads):
        core = openvino.Core()
        model = core.read_model(path)
        compiled = core.compile_model(model, "CPU", {
            "INFERENCE_PRECISION_HINT": rest, "INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY",
            "NUM_STREAMS": 1, "ENABLE_CPU_PINNING": False})
        names = {value.get_any_name() for value in model.inputs}
        request = compiled.create_infer_request()

        def classify(ids, mask):
            inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": numpy.zeros_like(ids)}
            request.infer({name: value for name, value in inputs.items() if name in names})
            return request.get_output_tensor(0).data.copy()

        return classify

    @staticmethod
    def open(job, precision, threads):
        if precision == "fp32":
            return {"f32": OpenVino.compile(job.onnx, "f32", threads)}
        if precision == "bf16":
            return {"bf16": OpenVino.compile(job.onnx, "bf16", threads)}
        path = job.workspace / "openvino-int8.xml"
        return {"NNCF": OpenVino.compile(path, "f32", threads), "NNCF + bf16": OpenVino.compile(path, "bf16", threads)}


if __name__ == "__main__":
    main(OpenVino)

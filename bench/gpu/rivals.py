"""One rival on the card: tokenising included, sorted by length, the best of its batch sizes. Prints one JSON object.

usage: rivals.py torch_compile|torch_nested|onnxruntime FOLDER MODEL.onnx TEXTS.jsonl
"""

import json
import sys
import time

BATCH_SIZES = (256, 1024, 2048)


def torch_model(folder):
    import torch
    from transformers import AutoModelForSequenceClassification
    model = AutoModelForSequenceClassification.from_pretrained(folder, attn_implementation="sdpa")
    return torch, model.eval().to("cuda", torch.float16)


def torch_compile(folder, _):
    """fp16, length-sorted, lengths padded to multiples of 8 so that few shapes are compiled."""
    torch, model = torch_model(folder)
    compiled = torch.compile(model, dynamic=True)

    def classify(batch):
        length = -(-max(map(len, batch)) // 8) * 8
        ids = torch.tensor([row + [0] * (length - len(row)) for row in batch]).pin_memory().to("cuda", non_blocking=True)
        with torch.inference_mode():
            return compiled(input_ids=ids, attention_mask=(ids != 0).long()).logits

    return classify, lambda logits: logits.float().cpu()


def torch_nested(folder, _):
    """fp16 without padding: torch's encoder layers on nested tensors, with the model's weights."""
    torch, model = torch_model(folder)
    config, bert = model.config, model.bert
    layers = torch.nn.ModuleList()
    for source in bert.encoder.layer:
        layer = torch.nn.TransformerEncoderLayer(config.hidden_size, config.num_attention_heads, config.intermediate_size,
                                                 activation="gelu", batch_first=True, layer_norm_eps=config.layer_norm_eps)
        attention, own = source.attention, layer.self_attn
        parts = (attention.self.query, attention.self.key, attention.self.value)
        own.in_proj_weight.data = torch.cat([part.weight.data for part in parts])
        own.in_proj_bias.data = torch.cat([part.bias.data for part in parts])
        for target, origin in ((own.out_proj, attention.output.dense), (layer.linear1, source.intermediate.dense),
                               (layer.linear2, source.output.dense), (layer.norm1, attention.output.LayerNorm),
                               (layer.norm2, source.output.LayerNorm)):
            target.weight.data, target.bias.data = origin.weight.data, origin.bias.data
        layers.append(layer)
    layers = layers.eval().to("cuda", torch.float16)

    def classify(batch):
        with torch.inference_mode():
            rows = [bert.embeddings(torch.tensor([row], device="cuda"))[0] for row in batch]
            hidden = torch.nested.nested_tensor(rows)
            for layer in layers:
                hidden = layer(hidden)
            first = torch.stack([row[0] for row in hidden.unbind()])
            return model.classifier(torch.tanh(bert.pooler.dense(first)))

    return classify, lambda logits: logits.float().cpu()


def onnxruntime(_, onnx):
    import numpy
    import onnxruntime as runtime
    if "CUDAExecutionProvider" not in runtime.get_available_providers():
        sys.exit("this ONNX Runtime has no CUDA provider")
    session = runtime.InferenceSession(onnx, providers=["CUDAExecutionProvider"])
    names = [value.name for value in session.get_inputs()]

    def classify(batch):
        length = max(map(len, batch))
        ids = numpy.array([row + [0] * (length - len(row)) for row in batch], dtype=numpy.int64)
        every = {"input_ids": ids, "attention_mask": (ids != 0).astype(numpy.int64), "token_type_ids": numpy.zeros_like(ids)}
        return session.run(None, {name: every[name] for name in names})[0]

    return classify, lambda logits: logits


def classify_all(tokenizer, classify, fetch, texts, batch_size):
    encodings = [encoding.ids for encoding in tokenizer.encode_batch_fast(texts)]
    order = sorted(range(len(texts)), key=lambda place: -len(encodings[place]))
    results = [classify([encodings[place] for place in order[start:start + batch_size]])
               for start in range(0, len(order), batch_size)]
    return [fetch(result) for result in results]


def main():
    from tokenizers import Tokenizer
    name, folder, onnx, path = sys.argv[1:]
    tokenizer = Tokenizer.from_file(f"{folder}/tokenizer.json")
    tokenizer.no_padding()
    tokenizer.enable_truncation(128)
    with open(path, encoding="utf-8") as file:
        texts = [json.loads(line)["text"] for line in file]
    classify, fetch = {"torch_compile": torch_compile, "torch_nested": torch_nested, "onnxruntime": onnxruntime}[name](folder, onnx)
    best = {"texts_per_second": 0.0}
    for batch_size in BATCH_SIZES:
        part = texts[:max(8 * batch_size, len(texts) // 4)]
        classify_all(tokenizer, classify, fetch, part, batch_size)  # compiles, warms up
        began = time.perf_counter()
        classify_all(tokenizer, classify, fetch, part, batch_size)
        rate = len(part) / (time.perf_counter() - began)
        best = max(best, {"texts_per_second": rate, "batch_size": batch_size}, key=lambda each: each["texts_per_second"])
    print(json.dumps(best))


if __name__ == "__main__":
    main()

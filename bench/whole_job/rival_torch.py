"""PyTorch (transformers, scaled-dot-product attention) in fp32 and bf16."""

import torch
from transformers import AutoModelForSequenceClassification

from rival import main

TYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}


class Torch:
    name = "PyTorch"
    version = torch.__version__.split("+")[0]
    precisions = ["fp32", "bf16"]

    @staticmethod
    def prepare(job):
        pass

    @staticmethod
    def open(job, precision, threads):
        torch.set_num_threads(threads)
        model = AutoModelForSequenceClassification.from_pretrained(job.folder, attn_implementation="sdpa")
        model = model.eval().to(TYPES[precision])

        def classify(ids, mask):
            with torch.inference_mode():
                output = model(input_ids=torch.from_numpy(ids), attention_mask=torch.from_numpy(mask))
                return output.logits.float().numpy()

        return {"eager": classify}


if __name__ == "__main__":
    main(Torch)

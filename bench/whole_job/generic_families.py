"""Models whose graphs the engine does not recognise, base size where there is one: MobileBERT, XLNet, ConvBERT,
Longformer and Nystromformer with the sizes of the published models and seeded weights, made by transformers."""

import json
import shutil

# Name of the model -> the model's type in transformers, what differs from its defaults there.
GENERIC_FAMILIES = {
    "mobilebert": ("mobilebert", {}),
    "xlnet-base": ("xlnet", {"d_model": 768, "n_layer": 12, "n_head": 12, "d_inner": 3072}),
    "convbert-base": ("convbert", {}),
    "longformer-base": ("longformer", {"max_position_embeddings": 4098, "attention_window": 512, "pad_token_id": 0}),
    "nystromformer-base": ("nystromformer", {}),
}


def make_generic_folder(name, folder, tokenizer_source):
    """A checkpoint folder with the tokenizer of another one."""
    if (folder / "model.safetensors").exists():
        return folder
    import torch
    from transformers import AutoConfig, AutoModelForSequenceClassification
    vocabulary_size = len((tokenizer_source / "vocab.txt").read_text(encoding="utf-8").splitlines())
    model_type, settings = GENERIC_FAMILIES[name]
    torch.manual_seed(1)
    config = AutoConfig.for_model(model_type, vocab_size=vocabulary_size, **settings)
    AutoModelForSequenceClassification.from_config(config).save_pretrained(folder)
    for file in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt"):
        shutil.copy(tokenizer_source / file, folder / file)
    (folder / "model_args.json").write_text(json.dumps({"max_seq_length": 128}))
    return folder

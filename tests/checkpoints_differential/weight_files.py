"""Writes weights as any of the files that training has left in the last six years."""

import json

import torch
from safetensors.torch import save_file

DTYPES = [torch.float32, torch.float32, torch.float32, torch.float16, torch.bfloat16, torch.float64]
NAMED_LEFTOVERS = {
    "bert": ["cls.predictions.bias", "cls.seq_relationship.weight", "bert.embeddings.position_ids"],
    "roberta": ["lm_head.bias", "lm_head.dense.weight", "roberta.pooler.dense.weight", "roberta.embeddings.position_ids"],
    "xlm-roberta": ["lm_head.bias", "roberta.pooler.dense.bias", "roberta.embeddings.position_ids"],
    "camembert": ["lm_head.bias", "roberta.embeddings.position_ids", "roberta.embeddings.token_type_ids"],
    "distilbert": ["vocab_projector.bias", "vocab_transform.weight", "distilbert.embeddings.position_ids"],
    "electra": ["discriminator_predictions.dense.weight", "electra.embeddings.position_ids"],
    "albert": ["predictions.bias", "sop_classifier.classifier.weight", "albert.embeddings.position_ids"],
    "mpnet": ["lm_head.bias", "mpnet.pooler.dense.weight", "mpnet.embeddings.position_ids"],
    "deberta-v2": ["lm_predictions.lm_head.bias", "mask_predictions.dense.weight", "deberta.embeddings.position_ids"],
    "deberta": ["lm_predictions.lm_head.bias", "deberta.embeddings.position_ids"],
    "modernbert": ["decoder.bias"],
    "xlnet": ["lm_loss.weight", "lm_loss.bias"],
    "squeezebert": ["cls.predictions.bias", "transformer.embeddings.position_ids"],
    "mobilebert": ["cls.predictions.bias", "mobilebert.embeddings.position_ids"],
    "rembert": ["cls.predictions.bias", "rembert.embeddings.position_ids"],
    "convbert": ["generator_predictions.dense.weight", "convbert.embeddings.position_ids"],
    "xlm": ["pred_layer.proj.weight", "pred_layer.proj.bias", "transformer.position_ids"],
    "flaubert": ["pred_layer.proj.weight", "transformer.position_ids"],
    "longformer": ["lm_head.bias", "longformer.embeddings.position_ids"],
    "big_bird": ["cls.predictions.bias", "bert.embeddings.position_ids"],
    "nystromformer": ["cls.predictions.bias", "nystromformer.embeddings.position_ids"],
}
# Families whose LayerNorm modules bear that name, and so once had gamma and beta.
WITH_GAMMA = ("bert", "roberta", "electra", "xlm-roberta", "camembert", "albert", "rembert")


def choose_dtypes(model, chance):
    """Rounds the model's weights to what will be stored; tensors by name."""
    mixed = chance.random() < 0.15
    dtype = chance.choice(DTYPES)
    tensors = {}
    for name, tensor in model.state_dict().items():
        kind = chance.choice(DTYPES) if mixed else dtype
        tensors[name] = tensor.to(kind) if tensor.is_floating_point() else tensor
        tensor.data.copy_(tensors[name].to(tensor.dtype))
    return tensors


def rename(tensors, model, chance):
    """The names that other versions and wrappers give."""
    prefix = model.base_model_prefix + "."
    if chance.random() < 0.15 and model.config.model_type in WITH_GAMMA:
        tensors = {name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): tensor
                   for name, tensor in tensors.items()}
    if chance.random() < 0.2:
        for name in NAMED_LEFTOVERS[model.config.model_type]:
            if name not in tensors:
                tensors[name] = torch.arange(9).unsqueeze(0) if name.endswith("_ids") else torch.ones(3)
    if chance.random() < 0.15:
        tensors = {"module." + name: tensor for name, tensor in tensors.items()}
    elif chance.random() < 0.1:
        tensors = {name.removeprefix(prefix): tensor for name, tensor in tensors.items()}
    return tensors


def as_views(tensors, chance):
    """The same values in storages with strides, offsets and neighbours; some as Parameters."""
    out = {}
    for name, tensor in tensors.items():
        form = chance.randrange(5)
        if form == 0 and tensor.dim() == 2:
            tensor = tensor.t().contiguous().t()
        elif form == 1:
            wide = torch.cat([torch.zeros(5, dtype=tensor.dtype), tensor.flatten(), torch.ones(2, dtype=tensor.dtype)])
            tensor = wide[5:5 + tensor.numel()].view(tensor.shape)
        elif form == 2 and tensor.is_floating_point():
            tensor = torch.nn.Parameter(tensor)
        elif form == 3 and tensor.dim() > 0:
            tensor = torch.stack([tensor, tensor], dim=-1)[..., 1]
        out[name] = tensor
    return out


def save_safetensors(tensors, path):
    metadata = {"format": "pt"} if len(tensors) % 2 else None
    save_file({name: tensor.contiguous().clone() for name, tensor in tensors.items()}, path, metadata=metadata)


def save_zip(tensors, path):
    torch.save(tensors, path)


def save_legacy(tensors, path):
    torch.save(tensors, path, _use_new_zipfile_serialization=False)


def write_weights(model, folder, chance):
    """Writes the weights and rounds the model's to what was written; returns the form, and the path to give."""
    tensors = rename(choose_dtypes(model, chance), model, chance)
    form, save, stem, suffix = chance.choice([
        ("safetensors", save_safetensors, "model", "safetensors"), ("zip", save_zip, "pytorch_model", "bin"),
        ("legacy", save_legacy, "pytorch_model", "bin")])
    if suffix == "bin" and chance.random() < 0.5:
        tensors = as_views(tensors, chance)
    names = list(tensors)
    if chance.random() < 0.25 and len(names) > 3:
        parts = chance.randint(2, 3)
        weight_map = {}
        for part in range(parts):
            shard = f"{stem}-{part + 1:05}-of-{parts:05}.{suffix}"
            save({name: tensors[name] for name in names[part::parts]}, folder / shard)
            weight_map |= dict.fromkeys(names[part::parts], shard)
        index = {"metadata": {"total_size": 1}, "weight_map": weight_map}
        (folder / f"{stem}.{suffix}.index.json").write_text(json.dumps(index))
        return f"{form} in shards", folder
    chance.shuffle(names)
    save({name: tensors[name] for name in names}, folder / f"{stem}.{suffix}")
    return form, chance.choice([folder, folder, folder / f"{stem}.{suffix}"])

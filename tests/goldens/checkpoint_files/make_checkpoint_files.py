"""Makes tiny weights files of every format and their expected content.

    python make_checkpoint_files.py [FOLDER]

Needs torch 2.15.0 and safetensors 0.8.0 (other versions may write other bytes of the same meaning).
Each file NAME gets NAME.expected.json beside it: tensor name -> dtype, shape, values. The shards
of a folder share one, expected.json.
"""

import collections
import json
import pathlib
import sys

import safetensors.torch
import torch

DTYPE_NAMES = {torch.bool: "bool"}


def expected(tensors):
    content = {}
    for name, tensor in tensors.items():
        values = tensor.detach().flatten()
        values = values.to(torch.float64) if values.is_floating_point() else values.to(torch.int64)
        content[name] = {
            "dtype": DTYPE_NAMES.get(tensor.dtype, str(tensor.dtype).removeprefix("torch.")),
            "shape": list(tensor.shape),
            "values": values.tolist(),
        }
    return content


def write_expected(path, tensors):
    lines = [
        f"{json.dumps(name)}: {json.dumps(entry)}" for name, entry in expected(tensors).items()
    ]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def floating(dtype, *shape):
    return torch.randn(*shape, dtype=torch.float64).to(dtype)


def every_type():
    """One tensor of each element type, a scalar and an empty one."""
    tensors = collections.OrderedDict()
    for dtype in (torch.float64, torch.float32, torch.float16, torch.bfloat16):
        tensors[str(dtype).removeprefix("torch.")] = floating(dtype, 3, 5)
    for dtype in (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8):
        lowest = max(torch.iinfo(dtype).min, -(2**53))
        highest = min(torch.iinfo(dtype).max, 2**53)
        tensors[str(dtype).removeprefix("torch.")] = torch.tensor(
            [lowest, 0, 1, highest], dtype=dtype
        )
    tensors["bool"] = torch.tensor([[True, False], [False, True]])
    tensors["extremes"] = torch.tensor([6.1e-5, 6e-8, 65504, -0.0], dtype=torch.float16)
    tensors["scalar"] = torch.tensor(2.5)
    tensors["empty"] = torch.zeros(0, 4)
    return tensors


def unsigned_types():
    """Those that torch.save has no storage class for."""
    return {
        str(d).removeprefix("torch."): torch.tensor([0, 1, torch.iinfo(d).max >> 11], dtype=d)
        for d in (torch.uint16, torch.uint32, torch.uint64)
    }


def views():
    """Tensors that share a storage, with offsets and strides."""
    base = torch.arange(60, dtype=torch.float32).reshape(3, 4, 5)
    tensors = collections.OrderedDict(base=base)
    tensors["tied"] = base
    tensors["transposed"] = base.permute(2, 0, 1)
    tensors["row"] = base[1]
    tensors["column"] = base[:, 2, 1:4]
    tensors["stepped"] = base[::2, ::3, ::4]
    tensors["expanded"] = base[0, 0, :2].expand(3, 2)
    tensors["position_ids"] = torch.arange(7).expand((1, -1))
    tensors["one"] = base.flatten()[59:]
    return tensors


def module_state():
    """A module's state_dict(), an OrderedDict with `_metadata`; here with a Parameter too."""
    layers = torch.nn.Sequential(
        collections.OrderedDict(dense=torch.nn.Linear(4, 3), LayerNorm=torch.nn.LayerNorm(3))
    )
    state = torch.nn.DataParallel(layers).state_dict()
    state["module.parameter"] = torch.nn.Parameter(torch.randn(2))
    return state


def write_torch(folder, name, tensors, protocol=2):
    for kind in ("zip", "legacy"):
        torch.save(tensors, folder / f"{name}.{kind}.bin", pickle_protocol=protocol,
                   _use_new_zipfile_serialization=kind == "zip")
    for kind in ("zip", "legacy"):
        write_expected(folder / f"{name}.{kind}.bin.expected.json", tensors)


def write_shards(folder, suffix, save):
    """A folder as save_pretrained(max_shard_size=...) writes it, of two shards."""
    folder.mkdir(exist_ok=True)
    tensors = {f"layer.{i}.weight": floating(torch.float32, 2, i + 1) for i in range(4)}
    stem = "model" if suffix == "safetensors" else "pytorch_model"
    weight_map = {}
    for part in range(2):
        shard = f"{stem}-{part + 1:05}-of-00002.{suffix}"
        names = sorted(tensors)[part::2]
        save({name: tensors[name] for name in names}, folder / shard)
        weight_map.update(dict.fromkeys(names, shard))
    index = {"metadata": {"total_size": 80}, "weight_map": weight_map}
    (folder / f"{stem}.{suffix}.index.json").write_text(json.dumps(index, indent=2) + "\n")
    (folder / "config.json").write_text("{}\n")
    write_expected(folder / "expected.json", tensors)


def main(folder):
    torch.manual_seed(1)
    every = every_type()
    safetensors.torch.save_file(
        {**every, **unsigned_types()},
        folder / "types.safetensors",
        metadata={"format": "pt", "note": 'quote " backslash \\ \u00e9'},
    )
    write_expected(folder / "types.safetensors.expected.json", {**every, **unsigned_types()})
    write_torch(folder, "types", every)
    write_torch(folder, "views", views())
    write_torch(folder, "module", module_state())
    write_shards(folder / "sharded_safetensors", "safetensors", safetensors.torch.save_file)
    write_shards(folder / "sharded_bin", "bin", torch.save)
    for protocol in (3, 4, 5):
        write_torch(folder, f"protocol{protocol}", module_state(), protocol)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent)

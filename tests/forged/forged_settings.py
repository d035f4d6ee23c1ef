"""Forged settings around valid weights: config.json, model_args.json, index.json, odd folders."""

import json
import os

import forged_safetensors
import pickle_writer
import tiny_bert
from case import Case


def folder(**files):
    """The valid folder with some files changed; a key's last "_" stands for the dot of its name."""
    valid = forged_safetensors.pack(*forged_safetensors.layout())
    return {**valid, **{".".join(name.rsplit("_", 1)): content for name, content in files.items()}}


def config(**changes):
    return json.dumps({**tiny_bert.CONFIG, **changes}).encode()


def model_args(**changes):
    return json.dumps({**tiny_bert.MODEL_ARGS, **changes}).encode()


def broken_json():
    texts = {
        "empty": b"",
        "array": b"[]",
        "null": b"null",
        "text": b'"bert"',
        "cut": b'{"model_type": "be',
        "not_utf8": b'{"model_type": "\xff"}',
        "trailing": b"{} {}",
        "nan": b'{"a": NaN}',
        "python": b"{'a': 1}",
        "deep_arrays": b'{"a": ' + b"[" * 100_000,
        "deep_closed": b"[" * 2000 + b"]" * 2000,
        "deep_objects": b'{"a":' * 100_000,
        "large": b'{"a": [' + b"0," * 10_000_000 + b"0]}",
        "nul": b"{}\0",
        "number_bomb": b'{"a": 1e999}',
        "lone_surrogate": b'{"a": "\\ud800"}',
    }
    for label, text in texts.items():
        yield Case(f"config_{label}", "malformed", "config.json", folder(config_json=text))
    for label in ("empty", "cut", "not_utf8", "deep_arrays", "large", "array"):
        if label != "array":
            yield Case(
                f"model_args_{label}",
                "malformed",
                "model_args.json",
                folder(model_args_json=texts[label]),
            )
    yield Case(
        "config_with_integers_of_any_size_control",
        "ok",
        "",
        folder(
            config_json=config(note=10**30),
            tokenizer_config_json=b'{"model_max_length": 1' + b"0" * 30 + b"}",
        ),
    )


def refused():
    kinds = {
        "quantised": (config(quantization_config={"quant_method": "gptq"}), "'gptq'"),
        "quantised_without_method": (config(quantization_config={"bits": 4}), "'unknown'"),
        "quantised_bitsandbytes": (config(quantization_config={"load_in_8bit": True}), "'bitsandbytes'"),
        "remote_code": (config(auto_map={"AutoModel": "x--y.Z"}), "auto_map"),
        "remote_code_text": (config(auto_map="x.y"), "auto_map"),
    }
    for label, (text, message) in kinds.items():
        yield Case(f"config_{label}", "unsupported", message, folder(config_json=text))
    yield Case(
        "tokenizer_remote_code",
        "unsupported",
        "auto_map",
        folder(tokenizer_config_json=b'{"auto_map": {"AutoTokenizer": ["a.B", null]}}'),
    )
    yield Case("adapter", "unsupported", "LoRA/PEFT", folder(adapter_config_json=b"{}"))
    yield Case("adapter_alone", "unsupported", "merge_and_unload()",
               {"config.json": None, "adapter_config.json": b"{}", "adapter_model.safetensors": b"\0" * 8})
    for name in ("quantize_config", "quant_config"):
        yield Case(f"{name}_file", "unsupported", "GPTQ or AWQ", folder(**{f"{name}_json": b"{}"}))
    others = {
        "tf_model.h5": "from_tf=True",
        "flax_model.msgpack": "from_flax=True",
        "model.ckpt.index": "from_tf=True",
        "model.onnx": "'hasten optimize FOLDER OUT.onnx' makes one self-contained file",
        "openvino_model.xml": "OpenVINO",
        "rust_model.ot": "rust-bert",
    }
    for name, message in others.items():
        yield Case(f"only_{name.replace('.', '_')}", "not_found", message, {name: b"\0" * 100})
    yield Case(
        "simpletransformers_quantised",
        "unsupported",
        "dynamic_quantize",
        folder(model_args_json=model_args(dynamic_quantize=True)),
    )
    yield Case(
        "problem_type",
        "unsupported",
        "problem type",
        folder(config_json=config(problem_type="other"), model_args_json=None),
    )
    yield Case(
        "cross_encoder_activation",
        "unsupported",
        "activation",
        folder(
            config_json=config(sentence_transformers={"activation_fn": "os.system"}),
            model_args_json=None,
        ),
    )


def semantics():
    args = {
        "labels_too_many": (
            {"labels_list": ["a", "b", "c"]},
            "3 labels for a classifier head of 2",
        ),
        "labels_no_list": ({"labels_list": "ab"}, "not an array"),
        "labels_of_lists": ({"labels_list": [[], {}]}, "no text and no number"),
        "labels_map_no_object": ({"labels_map": [1, 2], "labels_list": 5}, "not an array"),
        "labels_map_index_far": ({"labels_map": {"a": 0, "b": 10**12}}, "class 1000000000000 of 2"),
        "labels_map_index_negative": ({"labels_map": {"a": 0, "b": -1}}, "class -1 of 2"),
        "labels_map_index_twice": ({"labels_map": {"a": 0, "b": 0}}, "class 0 of 2"),
        "labels_map_index_text": ({"labels_map": {"a": 0, "b": "1"}}, "not an integer"),
        "length_zero": ({"max_seq_length": 0}, "a length of 0"),
        "length_negative": ({"max_seq_length": -(2**63)}, "a length of"),
        "length_text": ({"max_seq_length": "128"}, "not an integer"),
        "length_huge": ({"max_seq_length": 10**30}, "not an integer"),
        "regression_text": ({"regression": "yes"}, "not true or false"),
        "stride_zero": ({"sliding_window": True, "stride": 0}, "a stride of 0"),
        "stride_negative": ({"sliding_window": True, "stride": -0.5}, "a stride of -0.5"),
        "stride_huge_control": ({"sliding_window": False, "stride": -5}, None),
        "tie_far": ({"sliding_window": True, "tie_value": 10**15}, "of 2"),
        "thresholds_short": (
            {"model_class": "MultiLabelClassificationModel", "threshold": [0.5]},
            "1 thresholds",
        ),
        "threshold_text": (
            {"model_class": "MultiLabelClassificationModel", "threshold": "x"},
            "not a number",
        ),
    }
    for label, (changes, message) in args.items():
        yield Case(
            f"model_args_{label}",
            "ok" if message is None else "malformed",
            message or "",
            folder(model_args_json=model_args(**changes)),
        )
    names = {
        "too_many": {str(i): "x" for i in range(3)},
        "empty": {},
        "list": ["a", "b"],
        "index_far": {"0": "a", "99999999999999999999": "b"},
        "index_negative": {"0": "a", "-1": "b"},
        "index_text": {"0": "a", "one": "b"},
        "index_twice": {"0": "a", "00": "b"},
        "of_objects": {"0": {}, "1": {}},
    }
    for label, id2label in names.items():
        yield Case(
            f"id2label_{label}",
            "malformed",
            "id2label",
            folder(config_json=config(id2label=id2label), model_args_json=None),
        )


def shards():
    header, data = forged_safetensors.layout()
    part = forged_safetensors.pack(header, data)["model.safetensors"]

    def index(weight_map, **files):
        text = (
            weight_map
            if isinstance(weight_map, bytes)
            else json.dumps({"weight_map": weight_map}).encode()
        )
        return {"model.safetensors.index.json": text, "part.safetensors": part, **files}

    names = dict.fromkeys(header, "part.safetensors")
    yield Case("index_control", "ok", "", index(names))
    for label, shard in {
        "parent": "../part.safetensors",
        "absolute": "/etc/passwd",
        "deeper": "sub/part",
        "dots": "..",
        "empty": "",
        "nul": "part\0.safetensors",
        "backslash": "..\\part",
        "long": "x" * 5000,
        "proc": "/proc/self/mem",
    }.items():
        yield Case(
            f"index_shard_{label}",
            "malformed",
            "no name of a file",
            index({**names, "more": shard}),
        )
    yield Case(
        "index_shard_absent", "not_found", "absent", index({**names, "more": "absent.safetensors"})
    )
    yield Case(
        "index_shard_is_a_folder",
        "malformed",
        "regular file",
        index({**names, "more": "sub"}, sub=lambda path: os.mkdir(path)),
    )
    yield Case(
        "index_shard_is_a_pipe",
        "malformed",
        "regular file",
        index({**names, "more": "pipe"}, pipe=lambda path: os.mkfifo(path)),
    )
    yield Case(
        "index_shard_is_the_index",
        "malformed",
        "begins so",
        index({**names, "more": "model.safetensors.index.json"}),
    )
    yield Case(
        "index_shard_link_outside",
        "malformed",
        "leads out of its folder",
        index({**names, "more": "link"}, link=lambda path: os.symlink("/proc/self/environ", path)),
    )
    yield Case(
        "index_name_absent",
        "malformed",
        "'more' is not in the shard",
        index({**names, "more": "part.safetensors"}),
    )
    yield Case(
        "index_name_in_two_shards",
        "malformed",
        "in two shards",
        index({**names, "more": "again.safetensors"}, **{"again.safetensors": part}),
    )
    for label, text in {
        "empty": b"",
        "array": b"[]",
        "no_map": b"{}",
        "map_array": b'{"weight_map": []}',
        "map_empty": b'{"weight_map": {}}',
        "map_of_numbers": b'{"weight_map": {"a": 1}}',
        "deep": b"[" * 100_000,
    }.items():
        yield Case(f"index_{label}", "malformed", "model.safetensors.index.json", index(text))
    yield Case(
        "index_of_code",
        "unsupported",
        "which no weights need",
        {
            "pytorch_model.bin.index.json": json.dumps({"weight_map": {"a": "part.bin"}}).encode(),
            "part.bin": pickle_writer.with_entry(pickle_writer.name("os", "system") + b")R")[
                "pytorch_model.bin"
            ],
        },
    )


def odd_folders():
    valid = folder()
    yield Case(
        "config_is_a_folder",
        "malformed",
        "regular file",
        folder(config_json=lambda path: os.mkdir(path)),
    )
    yield Case(
        "config_is_a_pipe",
        "malformed",
        "regular file",
        folder(config_json=lambda path: os.mkfifo(path)),
    )
    yield Case("config_is_missing", "not_found", "config.json", folder(config_json=None))
    yield Case(
        "weights_are_a_pipe",
        "malformed",
        "regular file",
        {"model.safetensors": lambda path: os.mkfifo(path)},
    )
    yield Case(
        "weights_link_to_themselves",
        "not_found",
        "cannot be opened",
        {"model.safetensors": lambda path: os.symlink("model.safetensors", path)},
    )
    yield Case(
        "weights_link_to_zero",
        "malformed",
        "leads out of its folder",
        {"model.safetensors": lambda path: os.symlink("/dev/zero", path)},
    )
    yield Case(
        "vocabulary_link_outside",
        "malformed",
        "leads out of its folder",
        folder(vocab_txt=lambda path: os.symlink("/etc/passwd", path)),
    )
    yield Case(
        "vocabulary_link_dangling",
        "not_found",
        "vocab.txt",
        folder(vocab_txt=lambda path: os.symlink("absent.txt", path)),
    )
    yield Case(
        "vocabulary_is_a_folder",
        "malformed",
        "regular file",
        folder(vocab_txt=lambda path: os.mkdir(path)),
    )
    yield Case("weights_missing", "not_found", "no weights here", {})
    foreign = {
        "hdf5": (b"\x89HDF\r\n\x1a\n", "unsupported", "HDF5"),
        "lfs_pointer": (
            b"version https://git-lfs.github.com/spec/v1\n",
            "malformed",
            "git lfs pull",
        ),
        "tar": (
            b"storages".ljust(257, b"\0") + b"ustar\0" + b"\0" * 249,
            "unsupported",
            "tar format",
        ),
        "html": (b"<!DOCTYPE html><html>", "malformed", "begins so"),
        "zeros": (b"\0" * 4096, "malformed", "begins so"),
        "onnx": (b"\x08\x08\x12\x07pytorch", "malformed", "begins so"),
    }
    for label, (content, code, message) in foreign.items():
        yield Case(f"weights_of_{label}", code, message, {"pytorch_model.bin": content})
    yield Case(
        "weights_named_control", "ok", "", {"other.bin": valid["model.safetensors"]}, "other.bin"
    )


def cases():
    for part in (broken_json, refused, semantics, shards, odd_folders):
        yield from part()

"""What classes mean: the settings of Hugging Face, sentence-transformers and simpletransformers, and what follows."""

import json

import torch

NAMES = ["negative", "positive", "neutral", "İş arıyor", "label with spaces", "5 stars", "emoji 😀", "a\"quote", "back\\slash"]
FUNCTIONS = {"softmax": lambda logits: torch.softmax(logits, -1), "sigmoid": torch.sigmoid, "none": lambda logits: logits}


def hugging_face_function(config, classes):
    """transformers' TextClassificationPipeline."""
    problem = config.get("problem_type")
    if problem == "regression":
        return "none"
    return "sigmoid" if problem == "multi_label_classification" or classes == 1 else "softmax"


def name_classes(config, classes, chance):
    labels = chance.sample(NAMES, classes)
    entries = list(enumerate(labels))
    chance.shuffle(entries)
    config["id2label"] = {str(index): label for index, label in entries}
    config["label2id"] = {label: index for index, label in entries}
    return labels


def as_cross_encoder(config, classes, chance):
    """sentence-transformers' settings; the function that it applies."""
    activation = chance.choice(["Sigmoid", "Identity", None])
    key = chance.choice(["new", "old"])
    if activation is None or key == "new":
        name = f"torch.nn.modules.activation.{activation}" if activation == "Sigmoid" else "torch.nn.modules.linear.Identity"
        config["sentence_transformers"] = {"version": "4.1.0"} | ({"activation_fn": name} if activation else {})
    else:
        config["sbert_ce_default_activation_function"] = (
            "torch.nn.modules.activation.Sigmoid" if activation == "Sigmoid" else "torch.nn.modules.linear.Identity")
    if activation is None:
        return "sigmoid" if classes == 1 else "none"
    return "sigmoid" if activation == "Sigmoid" else "none"


def as_simpletransformers(config, classes, chance):
    """model_args.json, the labels and function that it gives, and the length."""
    arguments = {"max_seq_length": chance.randint(6, 150), "model_type": config.get("model_type", "bert"),
                 "train_batch_size": 8, "labels_list": list(range(classes)), "labels_map": {}, "regression": False}
    labels, function = None, "softmax"
    kind = chance.choice(["plain", "listed", "mapped", "multi", "regression"])
    names = chance.sample(NAMES, classes)
    if kind == "listed":
        arguments["labels_list"] = labels = names
    elif kind == "mapped":
        arguments["labels_map"] = {name: index for index, name in enumerate(names)}
        labels = names
    elif kind == "multi":
        arguments |= {"model_class": "MultiLabelClassificationModel", "threshold": 0.4}
        function = "sigmoid"
    elif kind == "regression" and classes == 1:
        arguments["regression"] = True
        function = "none"
    if kind in ("plain", "listed", "mapped"):
        if classes == 1:
            return None
        arguments["model_class"] = "ClassificationModel"
    return arguments, labels, function


def write_meaning(config, folder, chance):
    """Changes `config` and writes the files of one origin; the labels (None: not checked), the function, the length."""
    classes = len(config.get("id2label", {"0": "", "1": ""}))
    origin = chance.choice(["plain", "named", "problem", "cross_encoder", "simpletransformers"])
    labels, length = None, None
    if origin != "plain":
        labels = name_classes(config, classes, chance) if chance.random() < 0.7 else None
    function = hugging_face_function(config, classes)
    if origin == "problem":
        config["problem_type"] = chance.choice(
            ["multi_label_classification", "regression"] + ["single_label_classification"] * (classes > 1))
        function = hugging_face_function(config, classes)
    elif origin == "cross_encoder":
        function = as_cross_encoder(config, classes, chance)
    elif origin == "simpletransformers":
        written = as_simpletransformers(config, classes, chance)
        if written is not None:
            arguments, named, function = written
            labels = named or labels
            length = arguments["max_seq_length"]
            (folder / "model_args.json").write_text(json.dumps(arguments))
    if chance.random() < 0.3:
        config["torch_dtype"] = "float16"
    return labels, function, length

"""Makes the seeds of every fuzz target out of the goldens and the forged files.

    python make_seeds.py FOLDER

FOLDER/TARGET/ holds the seeds of fuzz_TARGET. Standard library only. Seeds are at most 100 kB:
longer ones only slow the fuzzer down.
"""

import hashlib
import io
import pathlib
import sys
import tarfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "forged"))

import make_forged  # noqa: E402
import tiny_bert  # noqa: E402

GOLDENS = ROOT / "tests" / "goldens"
LONGEST = 100_000
SETTINGS = ("config.json", "model_args.json", "tokenizer_config.json")


def data_pickle(content):
    """The pickle inside of a well-formed zip archive, else nothing."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return [archive.read(name) for name in archive.namelist() if name.endswith("data.pkl")]
    except Exception:  # a forged archive may break in any way
        return []


def weights_seeds(content):
    """What one weights file gives to which target."""
    yield "weights", content
    if content[:2] == b"PK":
        yield "zip", content
        for pickled in data_pickle(content):
            yield "pickle", pickled
    elif content[:1] == b"\x80":
        yield "pickle", content
    else:
        yield "safetensors", content


def checkpoint_seeds():
    for path in sorted((GOLDENS / "checkpoint_files").rglob("*")):
        if path.suffix in (".bin", ".safetensors"):
            yield from weights_seeds(path.read_bytes())
        elif path.name.endswith("index.json"):
            yield "shard_index", path.read_bytes()
    for case in make_forged.all_cases():
        files = {**tiny_bert.settings(), **case.files}
        contents = {name: content for name, content in files.items() if isinstance(content, bytes)}
        for name, content in contents.items():
            if name.endswith(("index.json", ".json", ".txt")):
                continue
            yield from weights_seeds(content)
        if "model.safetensors.index.json" in contents:
            yield "shard_index", contents["model.safetensors.index.json"]
        yield "settings", b"\0".join(contents.get(name, b"") for name in SETTINGS)


def tokenizer_seeds():
    """Small vocabularies of every kind; sentencepiece models without their charsmap, which alone is too long."""
    for path in sorted(GOLDENS.glob("*/*/tokenizer.json")):
        yield "tokenizer_json", path.read_bytes()
    for path in sorted((GOLDENS / "whole_folders").rglob("*.model")):
        content = path.read_bytes()
        yield "sentencepiece", content[:4000]
        yield "sentencepiece", content[:20000]
    for folder in sorted((GOLDENS / "whole_folders").iterdir()):
        if (folder / "merges.txt").exists():
            vocabulary, merges = (folder / "vocab.json").read_bytes(), (folder / "merges.txt").read_bytes()
            yield "vocabulary", vocabulary + b"\0" + merges
            yield "vocabulary", vocabulary[:300] + b"</w>\": 90}\0" + merges[:300]


def table_seeds():
    tweets = (ROOT / "examples" / "tweets.csv").read_bytes()
    lines = tweets.split(b"\n")
    for count in (1, 3, 40):
        yield "delimited", b"\n".join(lines[:count])
        yield "delimited", b"\t" + b"\n".join(lines[:count]).replace(b",", b"\t")
    golden = (GOLDENS / "tweet_sentiment" / "golden.jsonl").read_bytes().split(b"\n")
    for count in (1, 3, 40):
        yield "json_lines", b"\n".join(golden[:count]) + b"\n"
    yield "json_lines", b'{"tweet_id": 5, "text": "a"}\r\n\n{"text": null}\n{"id": "x", "text_pair": "b", "text": "c"}'
    for seed in (b"0id,score_0,score_1\n1,0.25,0.75\n2,1e-9,1\n", b"0text,logit_a,logit_b\n\"x, y\",-1.5,nan\n",
                 b"1\tnegative\tpositive\n0.5\t0.5\n", b'2{"id": 1, "logits": [0.5, -2], "probabilities": [0.9, 0.1]}\n',
                 b'2{"text": "a", "scores": {"x": 1, "y": 0}}\n', b"0score\n0.5\n0.75\n"):
        yield "scores", seed


def onnx_seeds():
    """The exports that are short enough, of every exporter."""
    for path in sorted((GOLDENS / "exports").glob("*.tar.xz")):
        with tarfile.open(path) as archive:
            for member in archive.getmembers():
                if member.name.endswith(".onnx") and member.size <= LONGEST:
                    content = archive.extractfile(member).read()
                    yield "onnx", content
                    yield "passes", content


SOURCES = (checkpoint_seeds, tokenizer_seeds, table_seeds, onnx_seeds)


def main(folder):
    for source in SOURCES:
        for target, content in source():
            if len(content) <= LONGEST:
                (folder / target).mkdir(parents=True, exist_ok=True)
                (folder / target / hashlib.sha256(content).hexdigest()[:16]).write_bytes(content)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))

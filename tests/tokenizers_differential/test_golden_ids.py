"""Our ids on every tweet and tricky text of ../shared against the golden hashes, and the cases of its
folder of golden ids. What differs is printed: with both token lists where .venv-bench has the packages."""

import gzip
import json
import os
import struct
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
ENCODER = Path(os.environ["HASTEN"]).parent / "src" / "tokenizer" / "hasten_tokenizer_encode"
GOLDENS = ROOT / "tests" / "goldens" / "tokenizers"
PACKAGES = ROOT / ".venv-bench" / "bin" / "python"
sys.path.insert(0, str(GOLDENS))

from corpus import BLOCK, NAMES, corpus_hash, read_corpus, read_golden  # noqa: E402
from families import FAMILIES, make_folder  # noqa: E402
from run import Encoder  # noqa: E402

pytestmark = pytest.mark.skipif(not SHARED.exists(), reason="no shared folder")


def frame(text):
    data = text.encode("utf-8")
    return struct.pack("<II", 0, len(data)) + data + struct.pack("<I", 0xFFFFFFFF)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """The texts, and a file of them as the encoder reads it."""
    texts = read_corpus(SHARED)
    path = tmp_path_factory.mktemp("corpus") / "texts"
    path.write_bytes(struct.pack("<I", len(texts)) + b"".join(map(frame, texts)))
    return texts, path


@pytest.fixture(scope="module")
def hashes(corpus, tmp_path_factory):
    """Of every tokenizer, made by as many processes as there are processors."""
    parent = tmp_path_factory.mktemp("tokenizers")

    def run(name):
        folder = make_folder(name, SHARED, parent)
        with corpus[1].open("rb") as texts:
            return subprocess.run([ENCODER, folder, FAMILIES[name][0], "--hashes"], stdin=texts, check=True,
                                  stdout=subprocess.PIPE).stdout.decode().split()

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(NAMES, pool.map(run, NAMES)))


def explain(name, block, texts, tmp_path):
    if PACKAGES.exists():
        done = subprocess.run([PACKAGES, GOLDENS / "make.py", "--shared", SHARED, "--family", name, "--explain",
                               str(block), "--encoder", ENCODER], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.stdout.decode()
    encoder = Encoder(ENCODER, make_folder(name, SHARED, tmp_path), FAMILIES[name][0])
    rows = texts[block * BLOCK:(block + 1) * BLOCK]
    lines = [f"{text[:200]!r} ours {ids}" for text, (ids, _) in
             zip(rows, encoder.encode([(text, None, 0) for text in rows]))]
    encoder.close()
    return "one of these differs (with the packages in .venv-bench, both lists are printed):\n" + "\n".join(lines)


@pytest.mark.parametrize("name", NAMES)
def test_ids_are_those_of_the_pinned_packages(name, corpus, hashes, tmp_path):
    of_corpus, expected = read_golden(name)
    assert of_corpus == corpus_hash(corpus[0]), "the texts of ../shared are others than the golden file's"
    wrong = [block for block, (ours, theirs) in enumerate(zip(hashes[name], expected, strict=True)) if ours != theirs]
    assert not wrong, f"{len(wrong)} blocks of texts differ; the first:\n" + explain(name, wrong[0], corpus[0], tmp_path)


def encode_all(name, texts, tmp_path):
    encoder = Encoder(ENCODER, make_folder(name, SHARED, tmp_path), FAMILIES[name][0])
    out = [ids for ids, _ in encoder.encode([(text, None, 0) for text in texts])]
    encoder.close()
    return out


def test_questions_of_squad(tmp_path):
    golden = SHARED / "data" / "tokenizers" / "golden"
    questions = json.loads(gzip.decompress((golden / "question_tokens.json.gz").read_bytes()))
    expected = json.loads((golden / "tokenized_questions.json").read_text())
    ids = encode_all("bert-base-uncased", [question["original"] for question in questions], tmp_path)
    assert len(ids) == 10570
    assert [row[1:-1] for row in ids] == expected


# The names there, and the folders that make the same tokenizers.
CASES = {"bert-base-uncased": "bert-base-uncased", "google-bert/bert-base-uncased": "bert-base-uncased",
         "distilbert/distilbert-base-multilingual-cased": "bert-base-multilingual-cased"}


@pytest.mark.parametrize("name", CASES)
def test_golden_cases(name, tmp_path):
    cases = json.loads((SHARED / "data" / "tokenizers" / "golden" / "tokenizer_tests.json").read_text())[name]
    ids = encode_all(CASES[name], [case["input"] for case in cases], tmp_path)
    assert ids == [case["encoded"]["input_ids"] for case in cases]

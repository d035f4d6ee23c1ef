"""The command under test and the models and texts that the tests share."""

import gzip
import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
SENTIMENT = ROOT / "examples" / "tweet-sentiment"
SENTIMENT_GOLDENS = ROOT / "tests" / "goldens" / "tweet_sentiment" / "golden.jsonl"
TWEETS = ROOT / "examples" / "tweets.csv"
MINILM = SHARED / "models" / "minilm-offensive"
MINILM_GOLDENS = SHARED / "models" / "minilm-offensive.golden.jsonl.gz"


class Command:
    """Runs `hasten` and keeps what it did."""

    def __init__(self, program):
        self.program = program

    def __call__(self, *arguments, stdin=None, environment=None, text=True):
        return subprocess.run(
            [self.program, *map(str, arguments)], input=stdin, capture_output=True, text=text,
            env=dict(os.environ, **(environment or {})), timeout=300)

    def ok(self, *arguments, **options):
        done = self(*arguments, **options)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def json_lines(self, *arguments, **options):
        return [json.loads(line) for line in self.ok(*arguments, **options).split("\n")[:-1]]


@pytest.fixture(scope="session")
def hasten():
    return Command(os.environ["HASTEN"])


def read_json_lines(path):
    opened = gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else open(path, encoding="utf-8")
    with opened as file:
        return [json.loads(line) for line in file]


def write_json_lines(path, rows):
    keys = ("text", "text_pair")
    with open(path, "w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps({key: row[key] for key in keys if key in row}) + "\n")
    return path


class Model:
    """A checkpoint folder, its converted and optimised files, its goldens."""

    def __init__(self, hasten, folder, goldens, workspace):
        self.folder = folder
        self.goldens = read_json_lines(goldens)
        self.texts = write_json_lines(workspace / "texts.jsonl", self.goldens)
        self.converted = workspace / "model.onnx"
        self.optimized = workspace / "optimized.onnx"
        hasten.ok("convert", folder, self.converted)
        hasten.ok("optimize", self.converted, self.optimized)

    def path(self, form):
        return {"folder": self.folder, "converted": self.converted, "optimized": self.optimized}[form]


@pytest.fixture(scope="session")
def sentiment(hasten, tmp_path_factory):
    return Model(hasten, SENTIMENT, SENTIMENT_GOLDENS, tmp_path_factory.mktemp("sentiment"))


@pytest.fixture(scope="session")
def minilm(hasten, tmp_path_factory):
    if not MINILM.exists():
        pytest.skip("../shared/models is not there")
    return Model(hasten, MINILM, MINILM_GOLDENS, tmp_path_factory.mktemp("minilm"))


@pytest.fixture(params=["sentiment", "minilm"])
def model(request):
    return request.getfixturevalue(request.param)

"""A text's scores are bitwise the same alone, in any batch, on any number of threads, on any instruction set."""

import random

import pytest


def logits(hasten, model, path, *flags, **options):
    return [row["logits"] for row in hasten.json_lines("predict", model, "--input", path, "--json", *flags, **options)]


@pytest.fixture
def reference(hasten, sentiment):
    return logits(hasten, sentiment.converted, sentiment.texts, "--threads", 1)


@pytest.mark.parametrize("flags", [("--threads", 2), ("--threads", 3), ("--isa", "avx2"), ("--isa", "avx512"),
                                   ("--isa", "scalar")], ids=lambda flags: "-".join(map(str, flags)))
def test_threads_and_instruction_sets(hasten, sentiment, reference, flags):
    done = hasten("predict", sentiment.converted, "--input", sentiment.texts, "--json", *flags)
    if done.returncode == 2 and "processor" in done.stderr:
        pytest.skip("this processor lacks the instruction set")
    assert logits(hasten, sentiment.converted, sentiment.texts, *flags) == reference


def test_the_environment_forces_the_instruction_set(hasten, sentiment, reference):
    assert logits(hasten, sentiment.converted, sentiment.texts,
                  environment={"HASTEN_ISA": "avx2"}) == reference


def test_each_text_alone(hasten, sentiment, reference):
    for golden, expected in list(zip(sentiment.goldens, reference))[:25]:
        if "text_pair" not in golden and golden["text"]:
            row, = hasten.json_lines("predict", sentiment.converted, "--json", "--", golden["text"])
            assert row["logits"] == expected


def test_any_order(hasten, sentiment, reference, tmp_path):
    lines = sentiment.texts.read_text().splitlines()
    order = list(range(len(lines)))
    random.Random(5).shuffle(order)
    shuffled = tmp_path / "shuffled.jsonl"
    shuffled.write_text("".join(lines[i] + "\n" for i in order))
    assert logits(hasten, sentiment.converted, shuffled) == [reference[i] for i in order]


def test_folder_converted_and_optimized_are_the_same_to_the_bit(hasten, sentiment, reference):
    assert logits(hasten, sentiment.folder, sentiment.texts) == reference
    assert logits(hasten, sentiment.optimized, sentiment.texts) == reference


@pytest.mark.parametrize("precision", ["bf16", "int8"])
def test_lower_precisions_do_not_depend_on_company_either(hasten, sentiment, precision):
    flags = ("--precision", precision)
    alone = logits(hasten, sentiment.converted, sentiment.texts, *flags, "--threads", 1)
    assert logits(hasten, sentiment.converted, sentiment.texts, *flags, "--threads", 2) == alone
    row, = hasten.json_lines("predict", sentiment.converted, "--json", *flags, "--", sentiment.goldens[0]["text"])
    assert row["logits"] == alone[0]


def test_int8_is_the_same_on_every_instruction_set(hasten, sentiment):
    results = [logits(hasten, sentiment.converted, sentiment.texts, "--precision", "int8", "--isa", isa)
               for isa in ("scalar", "avx2", "avx512", "avx512_vnni", "amx")
               if hasten("predict", sentiment.converted, "x", "--isa", isa).returncode == 0]
    assert len(results) >= 1 and all(result == results[0] for result in results)

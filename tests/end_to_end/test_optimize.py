"""`hasten optimize`: its forms, and the command line of the optimiser that it replaces."""

import json
import subprocess
import tarfile

import pytest

from conftest import ROOT, SENTIMENT

numpy = pytest.importorskip("numpy")
onnxruntime = pytest.importorskip("onnxruntime")

TEXTS = ["I got the job!", "Laid off again.", "It is Tuesday", "", "so happy " * 20]


def predict(hasten, model, *flags):
    return numpy.array([row["logits"] for row in hasten.json_lines("predict", model, "--json", *flags, "--", *TEXTS)
                        if row["logits"]])


class Session:
    """ONNX Runtime on a file; the batch has padding on the right."""

    def __init__(self, path):
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def logits(self, mask=((1, 1, 1, 1, 1, 1), (1, 1, 1, 1, 0, 0))):
        ids = numpy.arange(12).reshape(2, 6) * 7 + 5
        every = {"input_ids": ids, "attention_mask": numpy.array(mask), "token_type_ids": ids * 0}
        types = {each.name: numpy.int32 if "int32" in each.type else numpy.int64 for each in self.session.get_inputs()}
        return self.session.run(None, {name: every[name].astype(dtype) for name, dtype in types.items()})[0]

    def types(self):
        return [each.type for each in [*self.session.get_inputs(), *self.session.get_outputs()]]


@pytest.fixture(scope="module")
def converted(hasten, tmp_path_factory):
    path = tmp_path_factory.mktemp("optimize") / "model.onnx"
    hasten.ok("convert", SENTIMENT, path)
    return path


@pytest.fixture(scope="module")
def reference(hasten, converted):
    return predict(hasten, converted), Session(converted).logits()


def optimized(hasten, converted, tmp_path, *flags):
    output = tmp_path / "out.onnx"
    report = json.loads(hasten.ok("optimize", converted, output, "--json", *flags))
    return output, report


def layers_of(hasten, model, operator="com.microsoft.Attention"):
    return json.loads(hasten.ok("inspect", model, "--json"))["operators"].get(operator, 0)


# Flags, and how far scores may be from those of the file as converted.
@pytest.mark.parametrize("flags, tolerance", [
    ((), 1e-4),
    (("--strict", "--verify-passes"), 1e-4),
    (("--float16",), 5e-3),
    (("--int8",), 0.1),
    (("--int8", "--int8-embeddings"), 0.2),
    (("--input_int32",), 1e-4),
    (("--use_external_data_format",), 1e-4),
    (("--enable_gelu_approximation",), 5e-3),
    (("--use_multi_head_attention",), 1e-4),
    (("--disable_attention",), 1e-4),
    (("--disable_skip_layer_norm",), 1e-4),
    (("--disable_embed_layer_norm",), 1e-4),
    (("--disable_bias_skip_layer_norm",), 1e-4),
    (("--disable_bias_gelu", "--disable_gelu", "--disable_layer_norm"), 1e-4),
    (("--only_onnxruntime", "--opt_level", "1"), 1e-4),
    (("--only_onnxruntime", "--opt_level", "0"), 1e-4),
    (("--only_onnxruntime", "--opt_level", "99", "--use_gpu", "--provider", "cuda"), 1e-4),
])
def test_the_file_gives_the_same_here_and_in_onnx_runtime(hasten, converted, reference, tmp_path, flags, tolerance):
    output, _ = optimized(hasten, converted, tmp_path, *flags)
    assert numpy.abs(predict(hasten, output) - reference[0]).max() <= tolerance
    assert numpy.abs(Session(output).logits() - reference[1]).max() <= tolerance


def test_bfloat16_is_near(hasten, converted, reference, tmp_path):
    output, report = optimized(hasten, converted, tmp_path, "--bfloat16")
    assert report["half_nodes"] > 0 and report["clamped"] == 0
    assert numpy.abs(predict(hasten, output) - reference[0]).max() <= 4e-2


def test_float16_halves_the_file_and_keeps_inputs_and_outputs(hasten, converted, tmp_path):
    output, report = optimized(hasten, converted, tmp_path, "--float16")
    weights = [json.loads(hasten.ok("inspect", path, "--json"))["weight_bytes"] for path in (converted, output)]
    assert weights[1] < 0.51 * weights[0]
    assert report["half_nodes"] > 0 and report["kept_in_float32"] == [] and report["clamped"] == 0
    assert Session(output).types() == Session(converted).types()


def test_int8_matrices_are_a_quarter_and_run_in_int8(hasten, converted, tmp_path):
    output, report = optimized(hasten, converted, tmp_path, "--int8", "--int8-embeddings")
    assert report["int8_matrices"] > 0 and report["int8_tables"] >= 2
    weights = [json.loads(hasten.ok("inspect", path, "--json"))["weight_bytes"] for path in (converted, output)]
    assert weights[1] < 0.3 * weights[0]
    (tmp_path / "texts.txt").write_text("\n".join(text for text in TEXTS if text) + "\n")
    described = [json.loads(hasten.ok("bench", path, "--input", tmp_path / "texts.txt", "--json", "--repetitions", "1",
                                      *flags))["description"]
                 for path, flags in ((output, ()), (converted, ()), (output, ("--precision", "fp32")))]
    assert "int8" in described[0] and "int8" not in described[1] and "int8" not in described[2]


def test_int32_inputs_have_that_type(hasten, converted, tmp_path):
    output, _ = optimized(hasten, converted, tmp_path, "--input_int32")
    assert Session(output).types()[:-1] == ["tensor(int32)"] * (len(Session(output).types()) - 1)


def test_fusions_are_there_unless_disabled(hasten, converted, tmp_path):
    output, report = optimized(hasten, converted, tmp_path)
    layers = layers_of(hasten, output)
    assert layers > 0 and report["unfused_layers"] == []
    output, _ = optimized(hasten, converted, tmp_path, "--disable_attention")
    assert layers_of(hasten, output) == 0
    output, _ = optimized(hasten, converted, tmp_path, "--use_multi_head_attention")
    assert layers_of(hasten, output, "com.microsoft.MultiHeadAttention") == layers
    output, _ = optimized(hasten, converted, tmp_path, "--only_onnxruntime", "--opt_level", "1")
    assert not any("com.microsoft" in each for each in json.loads(hasten.ok("inspect", output, "--json"))["operators"])


def test_the_mask_is_dropped_only_when_asked(hasten, converted, reference, tmp_path):
    output, _ = optimized(hasten, converted, tmp_path, "--no_attention_mask")
    ones = Session(output).logits()
    assert numpy.abs(ones[0] - reference[1][0]).max() <= 1e-4  # a row without padding
    assert numpy.array_equal(ones, Session(output).logits(mask=((1,) * 6,) * 2))


def test_the_command_line_of_the_old_optimiser_in_place(hasten, converted, reference, tmp_path):
    model = tmp_path / "m.onnx"
    model.write_bytes(converted.read_bytes())
    hasten.ok("optimize", "--input", model, "--output", model, "--model_type", "bert", "--num_heads", "0",
              "--hidden_size", "0", "--opt_level", "1", "--use_gpu", "--use_raw_attention_mask", "--verbose",
              "--disable_shape_inference", "--float16")
    assert numpy.abs(predict(hasten, model) - reference[0]).max() <= 5e-3
    assert [path.name for path in tmp_path.iterdir()] == ["m.onnx"]


@pytest.mark.parametrize("flags, code, message", [
    (("--use_mask_index",), 5, "not padded on the right"),
    (("--convert_to_packing_mode",), 5, "never compute padding"),
    (("--enable_gemm_fast_gelu",), 5, "no runtime has a kernel"),
    (("--model_type", "gpt2"), 5, "no text encoders"),
    (("--model_type", "brt"), 2, "bert, bert_tf, bert_keras"),
    (("--provider", "abacus"), 2, "Choose one of"),
    (("--opt_level", "3"), 2, "0, 1, 2, 99"),
    (("--num_heads", "5"), 2, "5 were named"),
    (("--hidden_size", "5"), 2, "5 were named"),
    (("--float16", "--int8"), 2, "Give one of"),
    (("--int8-embeddings",), 2, "goes with --int8"),
    (("--skip", "fuse_everything"), 2, "Choose among"),
])
def test_what_is_refused_says_why_and_writes_nothing(hasten, converted, tmp_path, flags, code, message):
    done = hasten("optimize", converted, tmp_path / "out.onnx", *flags)
    assert done.returncode == code and message in done.stderr, done.stderr
    assert not (tmp_path / "out.onnx").exists()


def deberta(folder):
    with tarfile.open(ROOT / "tests" / "goldens" / "exports" / "deberta_v3.tar.xz") as archive:
        archive.extract("deberta_v3/deberta_v3.script14.eager.onnx", folder)
    return folder / "deberta_v3" / "deberta_v3.script14.eager.onnx"


def test_strict_names_the_layer_and_the_node(hasten, tmp_path):
    # DeBERTa's scores are more than Attention computes.
    model, output = deberta(tmp_path), tmp_path / "out.onnx"
    skip = ("--skip", "fuse_biased_attention")
    done = hasten("optimize", model, output, "--strict", *skip)
    assert done.returncode == 5 and not output.exists()
    assert "layer 1: node " in done.stderr and "expected" in done.stderr and len(done.stderr.splitlines()) <= 2
    report = json.loads(hasten.ok("optimize", model, output, "--json", *skip))
    assert [line.split(":")[0] for line in report["unfused_layers"]] == ["layer 1", "layer 2"]
    assert "left alone: layer 2: node" in hasten.ok("optimize", model, output, *skip)


def test_a_layer_that_a_later_pass_fuses_is_not_left_alone(hasten, tmp_path):
    model, once, twice = deberta(tmp_path), tmp_path / "once.onnx", tmp_path / "twice.onnx"
    report = json.loads(hasten.ok("optimize", model, once, "--json", "--strict", "--verify-passes"))
    assert report["unfused_layers"] == []
    assert not any(each["unmatched"] for each in report["passes"])
    assert layers_of(hasten, once, "com.microsoft.MultiHeadAttention") == 2
    hasten.ok("optimize", once, twice, "--strict")
    assert once.read_bytes() == twice.read_bytes()


def test_every_flag_of_the_old_optimiser_is_known(hasten):
    flags = """--input --output --model_type --num_heads --hidden_size --input_int32 --float16 --opt_level
        --only_onnxruntime --use_gpu --provider --use_external_data_format --disable_symbolic_shape_infer
        --convert_to_packing_mode --convert_attribute --verbose --disable_attention --disable_skip_layer_norm
        --disable_embed_layer_norm --disable_bias_skip_layer_norm --disable_bias_gelu --disable_layer_norm
        --disable_gelu --disable_rotary_embeddings --disable_shape_inference --enable_gelu_approximation
        --enable_gemm_fast_gelu --use_mask_index --use_raw_attention_mask --no_attention_mask
        --use_multi_head_attention --disable_group_norm --disable_skip_group_norm --disable_packed_kv
        --disable_packed_qkv --disable_bias_add --disable_bias_splitgelu --disable_nhwc_conv
        --use_group_norm_channels_first""".split()
    text = hasten.ok("optimize", "--help")
    assert [flag for flag in flags if flag + " " not in text and flag + "," not in text and flag + "\n" not in text] == []


def test_a_diff_shows_what_became_of_the_nodes(hasten, converted, tmp_path):
    output, _ = optimized(hasten, converted, tmp_path)
    diff = hasten.ok("inspect", "--diff", converted, output)
    assert "Softmax " in diff and " -> 0" in diff and "com.microsoft.Attention 0 -> " in diff
    lines = diff.split("\n\n", 1)[1].splitlines()
    assert any(line.startswith("- ") and "Softmax(" in line for line in lines)
    assert any(line.startswith("+ ") and "com.microsoft.Attention(" in line for line in lines)
    assert all(line[:2] in ("- ", "+ ", "  ") for line in lines)
    same = hasten.ok("inspect", "--diff", converted, converted).splitlines()[1:]
    assert same and all(line.startswith("  ") for line in same)


def test_an_interrupted_run_leaves_the_file_as_it_was(hasten, converted, tmp_path):
    model = tmp_path / "m.onnx"
    model.write_bytes(converted.read_bytes())
    running = subprocess.Popen([hasten.program, "optimize", str(model), str(model), "--verify-passes"],
                               stdout=subprocess.DEVNULL)
    running.kill()
    running.wait()
    assert model.read_bytes() == converted.read_bytes() or layers_of(hasten, model) > 0
    assert [path.name for path in tmp_path.iterdir()] == ["m.onnx"]


def renamed_inputs(model, output, names):
    """The file with other names, as long as the old ones, for its inputs."""
    content = model.read_bytes()
    for old, new in names.items():
        assert len(old) == len(new)
        content = content.replace(bytes([len(old)]) + old.encode(), bytes([len(new)]) + new.encode())
    output.write_bytes(content)
    return output


def test_inputs_of_other_names(hasten, sentiment, tmp_path):
    names = {"input_ids": "the_words", "attention_mask": "msk_of_padding", "token_type_ids": "segs_of_tokens"}
    model = renamed_inputs(sentiment.converted, tmp_path / "model.onnx", names)
    assert hasten.ok("predict", model, "a text", "--logits") == hasten.ok(
        "predict", sentiment.converted, "a text", "--logits")
    summary, = hasten.json_lines("inspect", model, "--json")
    assert summary["input_roles"] == {own: role for role, own in names.items()}
    assert "the_words input_ids" in hasten.ok("inspect", model)
    assert "read as" not in hasten.ok("inspect", sentiment.converted)
    hasten.ok("optimize", model, tmp_path / "optimized.onnx", "--verify-passes", "--strict")
    assert hasten.json_lines("inspect", tmp_path / "optimized.onnx", "--json")[0]["input_roles"]


def test_an_input_that_may_be_something_else_is_refused(hasten, sentiment, tmp_path):
    model = renamed_inputs(sentiment.converted, tmp_path / "model.onnx", {"token_type_ids": "the_languages_"})
    done = hasten("predict", model, "a text")
    assert done.returncode == 5
    assert "an input named the_languages_" in done.stderr and "token_type_ids" in done.stderr

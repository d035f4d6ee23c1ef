"""Forged pickles inside of torch's zip archives."""

import struct

from case import Case
from pickle_writer import (
    FLOATS,
    MARK,
    ORDERED_DICT,
    PROTO2,
    PROTO4,
    REBUILD,
    STOP,
    archive,
    integer,
    integers,
    name,
    sequence,
    state,
    storage,
    tensor,
    text,
    with_entry,
)


def calls():
    """Everything that would run code, or look up something that could."""
    dangerous = [
        ("os", "system"),
        ("posix", "system"),
        ("builtins", "eval"),
        ("builtins", "exec"),
        ("builtins", "getattr"),
        ("subprocess", "Popen"),
        ("pkgutil", "resolve_name"),
        ("torch", "load"),
        ("torch.hub", "load"),
        ("_codecs", "encode"),
        ("numpy", "load"),
        ("numpy.core.multiarray", "scalar"),
        ("collections", "Counter"),
        ("collections.OrderedDict", "update"),
        ("torch._utils", "_rebuild_tensor_v3"),
        ("torch.FloatStorage", "from_file"),
        ("", ""),
        ("__main__", "Model"),
    ]
    for module, attribute in dangerous:
        label = f"{module}.{attribute}".replace("_", "-")
        for form, function in (
            ("call", name(module, attribute)),
            ("stacked_call", text(module) + text(attribute) + b"\x93"),
        ):
            yield Case(
                f"pickle_{form}_{label}",
                "unsupported",
                "which no weights need",
                with_entry(function + sequence(text("id")) + b"R"),
            )
    yield Case(
        "pickle_training_arguments",
        "unsupported",
        "Python object",
        archive(PROTO2 + name("transformers.training_args", "TrainingArguments") + b")R" + STOP),
    )
    yield Case(
        "pickle_whole_model",
        "unsupported",
        "Python object",
        archive(
            PROTO2
            + name("transformers.models.bert.modeling_bert", "BertForSequenceClassification")
            + STOP
        ),
    )
    yield Case(
        "pickle_quantised_tensor",
        "unsupported",
        "quantised",
        with_entry(name("torch._utils", "_rebuild_qtensor") + b")R"),
    )
    yield Case(
        "pickle_quantised_storage",
        "unsupported",
        "quantised",
        with_entry(storage("0", 1, kind=name("torch", "QInt8Storage"))),
    )


def opcodes():
    for label, code in {
        "inst": b"(ios\nsystem\n",
        "obj": MARK + b"o",
        "newobj": b")\x81",
        "newobj_ex": b")}\x92",
        "ext1": b"\x82\x01",
        "ext4": b"\x84\x01\0\0\0",
        "persid": b"P0\n",
        "int": b"I1\n",
        "string": b"S'os'\n",
        "unicode": b"Vos\n",
        "get": b"g0\n",
        "put": b"p0\n",
        "dup": b"2",
        "pop": b"0",
        "bytes": b"C\x01x",
        "bytearray": b"\x96" + struct.pack("<Q", 1) + b"x",
        "empty_set": b"\x8f",
        "long4": b"\x8b\xff\xff\xff\x7f",
        "readonly_buffer": b"\x98",
        "zero": b"\0",
        "all_ones": b"\xff",
    }.items():
        yield Case(
            f"pickle_opcode_{label}",
            "unsupported",
            "pickle opcode 0x",
            archive(PROTO2 + b"N" + code + STOP),
        )
    for protocol in (0, 1, 6, 255):
        yield Case(
            f"pickle_protocol_{protocol}",
            "unsupported",
            f"protocol {protocol}",
            archive(bytes([0x80, protocol]) + b"}."),
        )


def machine():
    """Programs that break the machine's own rules."""
    programs = {
        "empty": (b"", "announced"),
        "no_proto": (b"}.", "no pickle begins here"),
        "no_stop": (PROTO2 + b"}", "announced"),
        "stop_on_nothing": (PROTO2 + STOP, "takes more values"),
        "values_left": (PROTO2 + b"}N.", "left over"),
        "mark_left": (PROTO2 + b"}(.", "takes more values"),
        "mark_left_below": (PROTO2 + b"(}.", "left over"),
        "tuple_without_mark": (PROTO2 + b"Nt.", "without the mark"),
        "tuple2_underflow": (PROTO2 + b"N\x86.", "takes more values"),
        "reduce_underflow": (PROTO2 + b"R.", "takes more values"),
        "append_underflow": (PROTO2 + b"Na.", "takes more values"),
        "below_the_mark": (PROTO2 + b"NN(\x86.", "takes more values"),
        "setitems_below_the_mark": (PROTO2 + b"}((NNu.", "takes more values"),
        "memo_miss": (PROTO2 + b"h\x05.", "no entry 5"),
        "memo_gap": (PROTO2 + b"}q\x05h\x04.", "no entry 4"),
        "memo_miss_4_bytes": (PROTO2 + b"j\xff\xff\xff\xff.", "no entry 4294967295"),
        "memo_bomb": (PROTO2 + b"}r\xff\xff\xff\xff.", "memo is larger"),
        "memo_put_on_nothing": (PROTO2 + b"q\x00.", "takes more values"),
        "text_past_the_end": (PROTO2 + b"X\xff\xff\xff\xffx.", "announced"),
        "long_past_the_end": (PROTO2 + b"\x8a\xff\x01.", "announced"),
        "name_without_end": (PROTO2 + b"c" + b"a" * 5000, "has no end"),
        "frame_past_the_end": (
            PROTO4 + b"\x95" + struct.pack("<Q", 2**63) + b"}.",
            "frame is longer",
        ),
        "frame_cut": (PROTO4 + b"\x95\0\0", "announced"),
        "short_text_past_the_end": (PROTO4 + b"\x8c\xffx.", "announced"),
        "memoize_on_nothing": (PROTO4 + b"\x94.", "takes more values"),
        "memoize_below_the_mark": (PROTO4 + b"}(\x94.", "takes more values"),
        "stacked_name_underflow": (PROTO4 + b"\x8c\x02os\x93.", "takes more values"),
        "stacked_name_of_integers": (PROTO4 + b"K\x01K\x02\x93.", "name is no text"),
        "name_cut": (PROTO2 + b"cos\nsys", "announced"),
        "append_to_a_dictionary": (PROTO2 + b"}Na.", "no list"),
        "setitem_on_a_list": (PROTO2 + b"]NNs.", "no dictionary"),
        "setitem_on_a_tensor": (
            PROTO2 + tensor(storage("0", 32), [4, 8]) + b"NNs.",
            "no dictionary",
        ),
        "setitem_on_a_storage": (PROTO2 + storage("0", 32) + b"NNs.", "no dictionary"),
        "setitem_on_a_name": (PROTO2 + FLOATS + b"NNs.", "no dictionary"),
        "key_without_value": (PROTO2 + b"}(Nu.", "without a value"),
        "build_on_a_tensor": (PROTO2 + tensor(storage("0", 32), [4, 8]) + b"}b.", "no dictionary"),
        "build_with_a_tuple": (PROTO2 + ORDERED_DICT + b")b.", "state that is no dictionary"),
        "call_of_an_integer": (PROTO2 + b"K\x01)R.", "no function"),
        "call_of_a_storage_type": (PROTO2 + FLOATS + b")R.", "no function"),
        "call_without_a_tuple": (
            PROTO2 + name("collections", "OrderedDict") + b"NR.",
            "tuple of arguments",
        ),
        "dictionary_with_arguments": (
            PROTO2 + name("collections", "OrderedDict") + b"N\x85R.",
            "arguments",
        ),
        "values_bomb": (PROTO2 + b"N" * 2_000_000 + STOP, "more values"),
        "memo_get_bomb": (PROTO2 + b"}q\0" + b"h\0" * 2_000_000 + STOP, "more values"),
        "mark_bomb": (PROTO2 + MARK * 2_000_000 + STOP, "more marks"),
        "bytes_after_stop": (state({}) + b"N", "follows the pickle"),
    }
    for label, (program, message) in programs.items():
        yield Case(f"pickle_{label}", "malformed", message, archive(program))
    deep = {
        "nested_tuples": b"N" + b"\x85" * 500_000,
        "doubling_tuples": b"N" + b"".join(b"q%ch%c\x86" % (i, i) for i in range(200)),
        "cyclic_list": b"]q\0h\0a",
        "root_is_a_number": b"K\x01",
    }
    for label, program in deep.items():
        yield Case(
            f"pickle_{label}",
            "unsupported",
            "something else than a dictionary",
            archive(PROTO2 + program + STOP),
        )


def persistent_ids():
    ids = {
        "no_tuple": (text("storage"), "no tuple"),
        "too_short": (sequence(text("storage"), FLOATS), "persistent id"),
        "a_module": (
            sequence(text("module"), FLOATS, text("0"), text("cpu"), integer(1)),
            "no storage",
        ),
        "kind_is_a_number": (
            sequence(integer(1), FLOATS, text("0"), text("cpu"), integer(1)),
            "kind",
        ),
        "type_is_a_text": (
            sequence(text("storage"), text("f"), text("0"), text("cpu"), integer(1)),
            "type",
        ),
        "type_is_a_function": (
            sequence(text("storage"), REBUILD, text("0"), text("cpu"), integer(1)),
            "type",
        ),
        "key_is_a_number": (
            sequence(text("storage"), FLOATS, integer(0), text("cpu"), integer(1)),
            "key",
        ),
        "count_is_a_text": (
            sequence(text("storage"), FLOATS, text("0"), text("cpu"), text("1")),
            "size",
        ),
        "count_is_negative": (
            sequence(text("storage"), FLOATS, text("0"), text("cpu"), integer(-1)),
            "negative",
        ),
        "count_is_long": (
            sequence(text("storage"), FLOATS, text("0"), text("cpu"), integer(2**70)),
            "size",
        ),
        "view_is_a_number": (
            sequence(text("storage"), FLOATS, text("0"), text("cpu"), integer(1), integer(1)),
            "view",
        ),
        "view_is_short": (
            sequence(text("storage"), FLOATS, text("0"), text("cpu"), integer(1), b")"),
            "view",
        ),
    }
    for label, (value, message) in ids.items():
        yield Case(f"storage_id_{label}", "malformed", message, with_entry(value + b"Q"))


def tensors():
    whole = storage("0", 32)
    values = {
        "without_a_storage": (tensor(b"N", [1]), "without a storage"),
        "too_few_arguments": (REBUILD + sequence(whole, integer(0)) + b"R", "arguments"),
        "offset_is_a_text": (
            REBUILD + sequence(whole, text("0"), b")", b")", b"N", b"N") + b"R",
            "offset",
        ),
        "size_is_a_list": (
            REBUILD + sequence(whole, integer(0), b"]", b")", b"N", b"N") + b"R",
            "size",
        ),
        "size_of_texts": (
            REBUILD
            + sequence(whole, integer(0), sequence(text("4")), integers([1]), b"N", b"N")
            + b"R",
            "size",
        ),
        "size_beyond_64_bits": (tensor(whole, [2**70], strides=[1]), "size"),
        "stride_of_other_length": (tensor(whole, [4, 8], strides=[8]), "differ in length"),
        "17_dimensions": (tensor(whole, [1] * 17), "16 dimensions"),
        "huge_shape": (tensor(whole, [10**9]), "reaches past its storage"),
        "one_too_many": (tensor(whole, [33]), "reaches past its storage"),
        "negative_size": (tensor(whole, [-4, -8], strides=[8, 1]), "has the shape"),
        "overflowing_size": (tensor(whole, [2**40, 2**40], strides=[0, 0]), "has the shape"),
        "wrapping_size": (
            tensor(whole, [4194305, 4194305, 211106198978564], strides=[0, 0, 0]),
            "has the shape",
        ),
        "negative_offset": (tensor(whole, [4], offset=-4), "has the shape"),
        "offset_past_the_end": (tensor(whole, [4], offset=29), "reaches past its storage"),
        "overflowing_offset": (tensor(whole, [4], offset=2**63 - 2), "reaches past its storage"),
        "negative_stride": (tensor(whole, [4], offset=3, strides=[-1]), "reaches past its storage"),
        "overflowing_stride": (
            tensor(whole, [2, 2], strides=[2**62, 2**62]),
            "reaches past its storage",
        ),
        "wrapping_stride": (tensor(whole, [3], strides=[2**63 - 1]), "reaches past its storage"),
        "expanded_bomb": (tensor(whole, [10**9], strides=[0]), "repeats its storage"),
        "parameter_of_a_number": (
            name("torch._utils", "_rebuild_parameter")
            + sequence(integer(1), b"\x88", ORDERED_DICT)
            + b"R",
            "without a tensor",
        ),
        "parameter_without_hooks": (
            name("torch._utils", "_rebuild_parameter") + sequence(tensor(whole, [4])) + b"R",
            "arguments",
        ),
        "count_unlike_the_file": (tensor(storage("0", 31), [31]), "should hold 31 values"),
        "count_that_wraps": (tensor(storage("0", 2**62 + 32), [32]), "should hold"),
        "type_unlike_the_file": (
            tensor(storage("0", 32, name("torch", "DoubleStorage")), [4]),
            "should hold",
        ),
        "absent_storage": (tensor(storage("999", 32), [4]), "storage '999' is missing"),
        "storage_elsewhere": (tensor(storage("../data.pkl", 32), [4]), "is missing"),
    }
    for label, (value, message) in values.items():
        yield Case(f"tensor_{label}", "malformed", message, with_entry(value))
    bombs = {f"bomb{i}": tensor(whole, [2**18], strides=[0]) for i in range(64)}
    yield Case(
        "tensor_many_expanded_bombs", "malformed", "repeats its storage", archive(state(bombs))
    )


def dictionaries():
    good = tensor(storage("0", 32), [4])
    entries = {
        "key_is_a_number": (integer(1) + good, "unsupported", "no tensor's name"),
        "key_is_empty": (text("") + good, "unsupported", "no tensor's name"),
        "key_with_newline": (text("a\nb") + good, "unsupported", "no tensor's name"),
        "key_with_escape": (text("\x1b[2J") + good, "unsupported", "no tensor's name"),
        "key_not_utf8": (text(b"\xff\xfe") + good, "unsupported", "no tensor's name"),
        "key_too_long": (text("x" * 100_000) + good, "unsupported", "no tensor's name"),
        "value_is_a_number": (text("a") + integer(1), "unsupported", "'a' is no tensor"),
        "value_is_a_dictionary": (
            text("state_dict") + b"}",
            "unsupported",
            "'state_dict' is no tensor",
        ),
        "key_twice": (text("a") + good + text("a") + good, "malformed", "is there twice"),
    }
    for label, (items, code, message) in entries.items():
        yield Case(
            f"dictionary_{label}",
            code,
            message,
            archive(PROTO2 + ORDERED_DICT + MARK + items + b"u" + STOP),
        )


def cases():
    yield Case("zip_control", "ok", "", archive(state({})))
    for part in (calls, opcodes, machine, persistent_ids, tensors, dictionaries):
        yield from part()

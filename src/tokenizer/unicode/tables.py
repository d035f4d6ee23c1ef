"""How generated tables of code points are laid out and written."""

LIMIT = 0x110000
BLOCK = 128


def two_stage(values):
    """Equal blocks are kept once: the block of each BLOCK code points, and the blocks' values."""
    blocks, index, stage1 = {}, [], []
    for start in range(0, LIMIT, BLOCK):
        block = tuple(values[start:start + BLOCK])
        if block not in blocks:
            blocks[block] = len(index)
            index.append(block)
        stage1.append(blocks[block])
    return stage1, [value for block in index for value in block]


def array(kind, name, values):
    lines, line = [], "   "
    for value in values:
        text = f" {value},"
        if len(line) + len(text) > 100:
            lines.append(line)
            line = "   "
        line += text
    lines.append(line)
    return f"extern const {kind} {name}[{len(values)}] = {{\n" + "\n".join(lines) + "\n};\n"


def width(values):
    return "std::uint8_t" if max(values) < 256 else "std::uint16_t"

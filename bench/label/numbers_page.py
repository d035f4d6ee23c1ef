"""Sections of docs/numbers.md that scripts write."""

from pathlib import Path

NUMBERS = Path(__file__).resolve().parents[2] / "docs" / "numbers.md"


def replace_section(name, text):
    """Puts text between the markers of that name."""
    begin, end = f"<!-- {name} begin -->", f"<!-- {name} end -->"
    head, rest = NUMBERS.read_text(encoding="utf-8").split(begin)
    NUMBERS.write_text(f"{head}{begin}\n\n{text}\n\n{end}{rest.split(end)[1]}", encoding="utf-8")

"""The tables of docs/numbers.md."""

from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "numbers.md"


def replace_table(name, text):
    """Puts text between the markers of that name."""
    begin, end = f"<!-- {name} begin -->", f"<!-- {name} end -->"
    before, rest = PAGE.read_text(encoding="utf-8").split(begin)
    PAGE.write_text(f"{before}{begin}\n\n{text}\n\n{end}{rest.split(end)[1]}", encoding="utf-8")

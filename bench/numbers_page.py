"""The parts of docs/numbers.md that scripts write: each between its own two markers."""

from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "numbers.md"


def write_part(name, text):
    """Replaces what is between <!-- NAME begin --> and <!-- NAME end -->."""
    begin, end = f"<!-- {name} begin -->", f"<!-- {name} end -->"
    before, rest = PAGE.read_text(encoding="utf-8").split(begin)
    after = rest.split(end)[1]
    PAGE.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")

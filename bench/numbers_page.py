"""The parts of docs/numbers.md that scripts write: each between its own two markers."""

import datetime
import os
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "numbers.md"


def write_part(name, text):
    """Replaces what is between <!-- NAME begin --> and <!-- NAME end -->."""
    begin, end = f"<!-- {name} begin -->", f"<!-- {name} end -->"
    before, rest = PAGE.read_text(encoding="utf-8").split(begin)
    after = rest.split(end)[1]
    PAGE.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")


def read_part(name):
    """What is between <!-- NAME begin --> and <!-- NAME end -->."""
    return PAGE.read_text(encoding="utf-8").split(f"<!-- {name} begin -->")[1].split(f"<!-- {name} end -->")[0].strip()


def processor():
    """Its name, and the family and model that tell processors of one name apart."""
    fields = dict(line.split(":", 1) for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").split("\n\n")[0].splitlines())
    values = {name.strip(): value.strip() for name, value in fields.items()}
    return f"{values['model name']} (family {values['cpu family']}, model {values['model']})"


def measured_by(command):
    """How a part begins: the day, the machine, and what makes the figures again."""
    return f"{datetime.date.today()}, {processor()}, {len(os.sched_getaffinity(0))} threads; `{command}`"

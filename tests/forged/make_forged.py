"""Makes forged checkpoint folders and a list of what must become of each.

    python make_forged.py FOLDER

FOLDER/NAME/ is one case, a valid tiny checkpoint with something forged in it; FOLDER/manifest.tsv
has a line for each: name, what to open, error code ("ok" for a control), part of the message.
Standard library only.
"""

import pathlib
import sys

import forged_legacy
import forged_pickle
import forged_safetensors
import forged_settings
import forged_zip
import tiny_bert

MODULES = (forged_pickle, forged_legacy, forged_zip, forged_safetensors, forged_settings)


def all_cases():
    cases = [case for module in MODULES for case in module.cases()]
    names = [case.name for case in cases]
    assert len(names) == len(set(names)), "two cases of one name"
    return cases


def write_case(case, folder):
    folder.mkdir(parents=True)
    for name, content in {**tiny_bert.settings(), **case.files}.items():
        if callable(content):
            content(folder / name)
        elif content is not None:
            (folder / name).write_bytes(content)


def main(folder):
    lines = []
    for case in all_cases():
        write_case(case, folder / case.name)
        lines.append("\t".join([case.name, f"{case.name}/{case.target}", case.code, case.message]))
    (folder / "manifest.tsv").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))

"""Writes the manual page docs/hasten.1 from the command's own help.

usage: make_man.py HASTEN > docs/hasten.1
"""

import re
import subprocess
import sys

VERBS = ["convert", "optimize", "inspect", "predict", "tokenize", "run", "label", "status", "merge", "verify", "tune", "bench"]


def help_of(program, *verb):
    return subprocess.run([program, *verb, "--help"], check=True, capture_output=True, text=True).stdout


def escape(line):
    line = line.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + line if line.startswith((".", "'")) else line


def preformatted(text):
    return "\n".join([".nf", *(escape(line) for line in text.strip("\n").split("\n")), ".fi"])


def main():
    program = sys.argv[1]
    print('.TH HASTEN 1 "" "hasten" "User Commands"')
    print(".SH NAME\nhasten \\- fast, faithful text classification with fine\\-tuned BERT\\-family models")
    print(".SH DESCRIPTION")
    print(preformatted(re.sub(r"^.*?\n", "", help_of(program), count=1)))
    for verb in VERBS:
        print(f".SH {verb.upper()}")
        print(preformatted(help_of(program, verb)))
    print(".SH SEE ALSO\nThe guide in the docs folder of the project.")


if __name__ == "__main__":
    main()

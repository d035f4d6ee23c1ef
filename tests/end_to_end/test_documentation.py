"""What the documentation shows is what happens."""

import re
import shlex
import subprocess
import sys

import pytest

from conftest import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def commands_of(page):
    blocks = re.findall(r"```console\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    return [line[len("$ hasten "):] for block in blocks for line in block.splitlines() if line.startswith("$ hasten ")]


@pytest.mark.parametrize("page", [page for page in PAGES if commands_of(page)], ids=lambda page: page.name)
def test_every_command_of_a_page_works(hasten, page, tmp_path):
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    for command in commands_of(page):
        done = subprocess.run([hasten.program, *shlex.split(command)], cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, f"{command}\n{done.stderr}"


def test_the_readme_shows_pytorchs_scores(sentiment):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for golden in sentiment.goldens[:3]:
        line = next(line for line in readme.splitlines() if line.rstrip().endswith(golden["text"]))
        shown = [float(cell) for cell in line.split()[2:5]]
        assert max(abs(a - b) for a, b in zip(shown, golden["logits"])) <= 2e-6


def test_every_verb_explains_itself_with_examples(hasten):
    for verb in re.findall(r"^  (\w+) ", hasten.ok("--help").split("Subcommands:")[1], re.MULTILINE):
        if verb == "hasten":
            continue
        output = hasten.ok(verb, "--help")
        assert "Examples:" in output and f"hasten {verb}" in output


def test_the_manual_page_is_the_help(hasten):
    page = subprocess.run([sys.executable, ROOT / "docs" / "make_man.py", hasten.program],
                          check=True, capture_output=True, text=True).stdout
    assert page == (ROOT / "docs" / "hasten.1").read_text(encoding="utf-8"), "run docs/make_man.py"


def test_links_lead_somewhere():
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
            assert target.startswith("http") or (page.parent / target).exists(), f"{page.name}: {target}"

"""What pyproject.toml promises of tabcells' versions is what `make compat` has built with."""
import ast
import re
import subprocess
import sys
import tomllib

import pytest
from conftest import ROOT
from docstring import blocks
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

sys.path.insert(0, str(ROOT / "tools"))
import compat

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
REQUIRED = {need.name: need for need in map(Requirement, PROJECT["dependencies"])}
#: Names that Python 3.11 or a later one brought, and that one writes without thinking of it.
NEWER = {"UTC", "tomllib", "chdir", "StrEnum", "Self", "Never", "LiteralString", "assert_never",
         "file_digest", "ExceptionGroup", "BaseExceptionGroup", "TaskGroup", "batched",
         "add_note", "override", "walk_up"}


def rows():
    """The table as it was written: a dict for each set."""
    head, _, *lines = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in
                       compat.TABLE.read_text("utf-8").splitlines() if line.startswith("|")]
    return [dict(zip(head, line)) for line in lines]


def test_every_set_was_tried_and_builds():
    assert [row["set"] for row in rows()] == [chosen.name for chosen in compat.SETS]
    assert not [row for row in rows() if not re.match("yes|not tried here", row["ok"])]


def test_the_lower_bounds_are_those_that_were_built_with():
    oldest = rows()[0]
    for name in compat.PACKAGES:
        need = REQUIRED[name.lower()]
        lower = next(part.version for part in need.specifier if part.operator == ">=")
        assert SpecifierSet(f"=={lower}").contains(oldest[name]), (name, oldest[name])
    assert oldest["Python"].startswith(PROJECT["requires-python"].removeprefix(">=") + ".")


def test_every_version_in_the_table_is_allowed_and_every_bound_has_an_end():
    for row in rows():
        for name in compat.PACKAGES:
            assert row[name] == "-" or REQUIRED[name.lower()].specifier.contains(row[name])
    for need in REQUIRED.values():
        assert {part.operator for part in need.specifier} == {">=", "<"}


def test_each_python_of_the_classifiers_has_a_row():
    named = re.findall(r":: (3\.\d+)", "\n".join(PROJECT["classifiers"]))
    assert named == sorted(named, key=lambda version: int(version[2:]))
    assert set(named) == {chosen.python for chosen in compat.SETS}


@pytest.mark.parametrize("file", sorted((ROOT / "tabcells").rglob("*.py")),
                         ids=lambda file: str(file.relative_to(ROOT)))
def test_the_code_is_python_3_10(file):
    text = file.read_text("utf-8")
    tree = ast.parse(text, feature_version=(3, 10))
    names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    names |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= {alias.name for alias in node.names}
    names -= {"chdir"} if "os.chdir" in text else set()
    assert not names & NEWER
    assert not any(isinstance(node, ast.TryStar) for node in ast.walk(tree))


def test_the_readme_shows_the_docstrings_example():
    text = (ROOT / "tabcells" / "README.md").read_text("utf-8")
    typed = re.findall(r"^(`{3,4})(?:python|md)\n(.*?)^\1$", text, re.M | re.S)
    assert [code.strip() for _, code in typed] == [block.strip() for block in blocks()]


@pytest.mark.parametrize("tab, code", [("one", "one 42"), ("two", "two 48")])
def test_a_panel_without_its_output_fails_the_set(tab, code, tmp_path):
    page = tmp_path / "index.html"
    panel = '<div role="tabpanel" data-tab="{}"><div class="cell_output">{}</div></div>'
    page.write_text(panel.format("one", "one 42") + panel.format("two", "two 48"))
    compat.check(page, {"one": ["one 42"], "two": ["two 48"]})
    page.write_text(page.read_text().replace(code, "print"))
    with pytest.raises(compat.Failure, match=f"tab {tab} lacks"):
        compat.check(page, {"one": ["one 42"], "two": ["two 48"]})


def test_a_name_that_is_no_set_is_refused():
    done = subprocess.run([sys.executable, ROOT / "tools" / "compat.py", "oldset"],
                          capture_output=True, text=True)
    assert done.returncode == 1 and "no set oldset" in done.stderr

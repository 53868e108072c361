"""The page about tabcells says what the code says: its example, settings, options, errors."""
import ast
import re
from unittest.mock import MagicMock

import pytest
from conftest import ROOT
from docstring import blocks

from tabcells.page.split import OPTIONS
from tabcells.sphinx_ext import setup


@pytest.fixture(params=["tabcells.md", "tabcells.en.md"])
def page(request):
    return (ROOT / request.param).read_text("utf-8")


def rows(page, number):
    """The cells of table ``number`` (0-based), without its head."""
    table = re.findall(r"(?:^\|.*\n)+", page, re.M)[number]
    return [[cell.strip() for cell in line.strip("|").split(" | ")]
            for line in table.splitlines()[2:]]


def test_the_example_is_the_docstrings(page):
    shown = re.findall(r"^(`{3,4})(?:python|md)\n(.*?)^\1$", page, re.M | re.S)
    assert [text.strip() for _, text in shown] == [text.strip() for text in blocks()]


def test_every_setting_is_listed_with_its_default(page):
    app = MagicMock()
    setup(app)
    registered = {call.args[0]: call.args[1] for call in app.add_config_value.call_args_list}
    listed = {name.strip("`"): ast.literal_eval(default.strip("`"))
              for name, default, _ in rows(page, 0)}
    assert listed == registered


def test_every_option_of_a_cell_is_listed(page):
    listed = [name for names, _ in rows(page, 1) for name in re.findall(r"`:(\w+):`", names)]
    assert sorted(listed) == sorted(OPTIONS)


def messages():
    """What each error of the package says, `…` for what is filled in."""
    for file in (ROOT / "tabcells").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in (
                    "CellError", "ConfigError", "RunError"):
                said = node.args[-1]
                parts = said.values if isinstance(said, ast.JoinedStr) else [said]
                text = "".join(str(part.value) if isinstance(part, ast.Constant) else "…"
                               for part in parts)
                if text != "…":  # handed on from another
                    yield text


def test_every_error_is_listed_and_no_other(page):
    listed = [message.strip("`") for message, _ in rows(page, 2)]
    unmet = set(listed)
    for text in messages():
        found = [message for message in listed if all(
            part.strip() in text for part in message.split("…"))]
        assert found, f"not on the page: {text}"
        unmet -= set(found)
    assert not unmet

"""The page about tabcells says what the code says: its settings, options, errors."""
import ast
import re

import pytest
from babel.messages.pofile import read_po
from conftest import ROOT

from tabcells import settings
from tabcells.messages import MESSAGES
from tabcells.page.options import OPTIONS
from tabcells.render import tables

CODE = re.compile(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)")


@pytest.fixture(params=["tabcells.md", "tabcells.en.md"])
def page(request):
    return (ROOT / request.param).read_text("utf-8")


def code_in(text):
    """What stands between backticks, one or more, in a text of a table."""
    return sorted(code[0] for code in CODE.finditer(text))


def rows(page, *titles):
    """The cells of the table with one of these titles above its first column, without its head."""
    for table in re.findall(r"(?:^\|.*\n)+", page, re.M):
        head, _, *body = [[cell.strip() for cell in line.strip("|").split(" | ")]
                          for line in table.splitlines()]
        if head[0] in titles:
            return body
    raise AssertionError(f"no table {titles}")


def test_the_page_has_the_tables_of_all_settings_and_messages(page):
    for name in tables.TABLES:
        assert f"```{{{name}}}\n```\n" in page
    table = tables.settings_table()
    for name, default, _ in settings.table():
        assert f"| `{name}` | `{default}` |" in table


def test_every_word_of_the_table_is_translated_and_no_other():
    with next(tables.LOCALE.glob("vi/*/tabcells.po")).open("rb") as file:
        translated = {message.id: message.string for message in read_po(file) if message.id}
    assert set(translated) == {*tables.SETTINGS_HEAD, *tables.MESSAGES_HEAD, *MESSAGES.values(),
                               *(help for *_, help in settings.table())}
    for english, vietnamese in translated.items():
        assert code_in(vietnamese) == code_in(english), english


def test_every_option_of_a_cell_is_listed(page):
    listed = [name for names, _ in rows(page, "Option", "Tùy chọn")
              for name in re.findall(r"`:(\w+):`", names)]
    assert sorted(listed) == sorted(OPTIONS)


def messages():
    """What each error of the package says, `…` for what is filled in."""
    for file in (ROOT / "tabcells").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in (
                    "CellError", "ConfigError", "RunError"):
                said = node.args[-1]
                parts = said.values if isinstance(said, ast.JoinedStr) else [said]
                text = "".join(str(part.value) if isinstance(part, ast.Constant) else "…"
                               for part in parts)
                if text != "…":  # handed on from another
                    yield text


def test_every_error_is_listed_and_no_other():
    unmet = set(MESSAGES)
    for text in messages():
        matching = [message for message in MESSAGES if all(
            part.strip() in text for part in message.split("…"))]
        assert matching, f"not in tabcells/messages.py: {text}"
        unmet -= set(matching)
    assert not unmet

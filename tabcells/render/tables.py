"""Tables that the documentation shows and the code holds.

They are ``{tabcells-settings}`` and ``{tabcells-messages}``.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from docutils import nodes
from sphinx.locale import get_translation
from sphinx.util.docutils import SphinxDirective

from .. import messages, settings

CATALOGUE = "tabcells"
LOCALE = Path(__file__).parent.parent / "locale"
_ = get_translation(CATALOGUE)

#: The tables' heads, to be translated like the help of each row.
SETTINGS_HEAD = ("In `conf.py`", "Default", "Meaning")
MESSAGES_HEAD = ("Message", "What to do")


def settings_table() -> str:
    """Every setting, its default and its help, as a table in Markdown.

    In the language of the build, where there is one and a catalogue has it; else in English.
    """
    return _table(SETTINGS_HEAD, ((f"`{name}`", f"`{default}`", _(help))
                                  for name, default, help in settings.table()))


def messages_table() -> str:
    """Every error and what to do about it; else as ``settings_table``."""
    return _table(MESSAGES_HEAD, ((f"`{message}`", _(help))
                                  for message, help in messages.MESSAGES.items()))


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    titles = [_(title) for title in head]
    return "".join("| " + " | ".join(cell.replace("|", r"\|") for cell in row) + " |\n"
                   for row in (titles, ["---"] * len(titles), *rows))


class Table(SphinxDirective):
    """One of the tables, on a page in Markdown; its name is that of the directive."""

    def run(self) -> list[nodes.Node]:
        # Another version of the code may have other rows or say other things in them.
        for file in (settings.__file__, messages.__file__, __file__, *LOCALE.rglob("*.po")):
            self.env.note_dependency(str(file))
        tables = self.parse_text_to_nodes(TABLES[self.name]())
        for table in tables:
            table["classes"].append(self.name)  # a project may lay it out for phones
        return tables


TABLES = {"tabcells-settings": settings_table, "tabcells-messages": messages_table}


def add_catalogues(app) -> None:
    """Give Sphinx the translations of this package.

    gettext reads compiled catalogues. They are compiled at each start, into a folder that is gone
    once they are read: the package may lie where nothing can be written.
    """
    with TemporaryDirectory() as folder:
        for source in LOCALE.rglob("*.po"):
            compiled = Path(folder, source.relative_to(LOCALE)).with_suffix(".mo")
            compiled.parent.mkdir(parents=True)
            with source.open("rb") as words, compiled.open("wb") as file:
                write_mo(file, read_po(words))
        app.add_message_catalog(CATALOGUE, folder)


def setup(app) -> None:
    add_catalogues(app)
    for name in TABLES:
        app.add_directive(name, Table)

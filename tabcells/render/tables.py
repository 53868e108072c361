"""Tables that the documentation shows and the code holds: ``{tabcells-settings}``."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from docutils import nodes
from sphinx.locale import get_translation
from sphinx.util.docutils import SphinxDirective

from .. import settings

CATALOGUE = "tabcells"
LOCALE = Path(__file__).parent.parent / "locale"
_ = get_translation(CATALOGUE)

#: The table's head, to be translated like the help of each setting.
HEAD = ("In `conf.py`", "Default", "Meaning")


def settings_table() -> str:
    """Every setting, its default and its help, as a table in Markdown.

    In the language of the build, where there is one and a catalogue has it; else in English.
    """
    rows = [[f"`{name}`", f"`{default}`", _(help)] for name, default, help in settings.table()]
    head = [_(title) for title in HEAD]
    return "".join("| " + " | ".join(str(cell).replace("|", r"\|") for cell in row) + " |\n"
                   for row in (head, ["---"] * len(head), *rows))


class SettingsTable(SphinxDirective):
    """The table of all settings, on a page in Markdown."""

    def run(self) -> list[nodes.Node]:
        # Another version of the code may have other settings or say other things of them.
        for file in (settings.__file__, __file__, *LOCALE.rglob("*.po")):
            self.env.note_dependency(str(file))
        tables = self.parse_text_to_nodes(settings_table())
        for table in tables:
            table["classes"].append("tabcells-settings")  # a project may lay it out for phones
        return tables


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
    app.add_directive("tabcells-settings", SettingsTable)

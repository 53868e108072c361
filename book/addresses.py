"""Old addresses of sections: `addresses.tsv` says which label took the place of which id.

Sections had ids by position (`s1-2`) before each had a label.  The list is of those ids alone,
so a section that is added, moved or removed takes no old link along to another one.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from sphinx.errors import ConfigError

FILE = "addresses.tsv"


class Address(NamedTuple):
    """A row: on ``page`` (its docname), ``old`` is an id of the section labelled ``label``."""

    page: str
    old: str
    label: str
    line: int

    @property
    def place(self) -> str:
        return f"{FILE}:{self.line}"


def load(file: Path) -> list[Address]:
    """The rows of ``file``; none where there is no such file.

    :raises ConfigError: a row that has not three cells, or an id of a page that an earlier row has
    """
    rows: dict[tuple[str, str], Address] = {}
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = line.split("\t")
        if len(cells) != 3 or not all(cells) or " " in "".join(cells[1:]):
            raise ConfigError(f"{FILE}:{number}: a row is a page, an old id and a label, "
                              "with a tab between each two")
        page, old, label = cells
        row = Address(page, old, label, number)
        if first := rows.get((row.page, row.old)):
            raise ConfigError(f"{row.place}: line {first.line} says already where the id "
                              f"{row.old!r} of {row.page} leads")
        rows[row.page, row.old] = row
    return list(rows.values())

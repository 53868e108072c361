"""Words that the search takes for one another: `synonyms.tsv`, kept beside the glossary.

A row is one thing: its names in English, its names in Vietnamese, a note.  Whoever types one of
them finds sections that have any other, in both languages.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from unicodedata import normalize

from sphinx.errors import ConfigError

FILE = "synonyms.tsv"


class Row(NamedTuple):
    """``names`` in the order of the row, each once: "CUDA" may stand in both cells."""

    names: tuple[str, ...]
    line: int

    @property
    def place(self) -> str:
        return f"{FILE}:{self.line}"


def load(file: Path) -> list[Row]:
    """The rows of ``file``; none where there is no such file.

    :raises ConfigError: a row without names in each language, or a name that another row has
    """
    rows, places = [], dict[str, str]()
    lines = normalize("NFC", file.read_text("utf-8")).splitlines() if file.exists() else []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [[*_names(cell)] for cell in line.split("\t")[:2]]
        if len(cells) != 2 or not all(cells):
            raise ConfigError(f"{FILE}:{number}: a row is names in English, a tab, names in "
                              "Vietnamese (`;` between names), and perhaps a tab and a note")
        row = Row(tuple(dict.fromkeys(cells[0] + cells[1])), number)
        for name in row.names:
            first = places.setdefault(_key(name), row.place)
            if first != row.place:
                raise ConfigError(f"{row.place}: {name!r} stands in {first} too")
        rows.append(row)
    return rows


def _names(cell: str) -> Iterator[str]:
    return (name.strip() for name in cell.split(";") if name.strip())


def _key(name: str) -> str:
    """As the search compares names: "speed-up", "speed up" and "Speedup" are one."""
    return "".join(filter(str.isalnum, name.casefold()))

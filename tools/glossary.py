"""Words that a Vietnamese page must not use, from ``glossary.tsv``.

Its columns: English, what to write, what not to write (`;` between forms), phrases in which
such a form is right after all, a note.  Words are whole, of any case, over line ends too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from unicodedata import normalize

from .pages import Page

FILE = "glossary.tsv"


@dataclass(frozen=True)
class Term:
    """``forbidden`` and ``allowed`` are phrases; ``allowed`` ones hold a forbidden one."""

    english: str
    preferred: str
    forbidden: tuple[str, ...]
    allowed: tuple[str, ...]


def load(file: Path) -> list[Term]:
    """The table's terms.

    :raises ValueError: a line that has not five cells, or forbids nothing
    """
    terms = []
    for number, line in enumerate(normalize("NFC", file.read_text("utf-8")).splitlines(), 1):
        cells = line.split("\t")
        if line.startswith("#") or not line.strip():
            continue
        if len(cells) != 5 or not cells[2].strip():
            raise ValueError(f"{file.name}:{number}: five cells with tabs between them are needed "
                             "(English, preferred, forbidden, allowed, note)")
        forbidden, allowed = (tuple(form.strip() for form in cell.split(";") if form.strip())
                              for cell in cells[2:4])
        terms.append(Term(cells[0], cells[1], forbidden, allowed))
    return terms


def check(page: Page, terms: list[Term]) -> list[str]:
    """A message for each forbidden form in the page's prose; code and quotations are free."""
    messages = []
    for run in (run for section in page.sections for run in section.prose if not run.quoted):
        text = normalize("NFC", run.words)
        for term in terms:
            free = [span for phrase in term.allowed for span in _spans(phrase, text)]
            for form in term.forbidden:
                for start, end in _spans(form, text):
                    if not any(a <= start and end <= b for a, b in free):
                        line = run.line + text.count("\n", 0, start)
                        messages.append(f"{page.path}:{line}: “{' '.join(text[start:end].split())}”"
                                        f": write “{term.preferred}” for {term.english}")
    return messages


def _spans(phrase: str, text: str) -> list[tuple[int, int]]:
    words = r"\s+".join(map(re.escape, phrase.split()))
    return [match.span() for match in re.finditer(rf"(?<!\w){words}(?!\w)", text, re.IGNORECASE)]

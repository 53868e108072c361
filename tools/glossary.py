"""The book's terms, from ``glossary.tsv``: what a Vietnamese page must not call them.

Its columns: English, what to write, what not to write (`;` between forms), phrases in which
such a form is right after all, a note; of a term that pages explain (`book/learn/gloss.py`) its
meaning in English and in Vietnamese too.  Words are whole, of any case, over line ends too.
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
    """``forbidden`` and ``allowed`` are phrases; ``allowed`` ones hold a forbidden one.

    ``meaning`` is by language; a term that no page explains has none.
    """

    english: str
    preferred: str
    forbidden: tuple[str, ...]
    allowed: tuple[str, ...]
    meaning: dict[str, str]


def load(file: Path) -> list[Term]:
    """The table's terms.

    :raises ValueError: a line of another shape, or one that neither forbids nor explains
    """
    terms = []
    for number, line in enumerate(normalize("NFC", file.read_text("utf-8")).splitlines(), 1):
        if line.startswith("#") or not line.strip():
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) not in (5, 7) or not all(cells[:2] + cells[5:]) or not any(
                cells[2:3] + cells[5:]):
            raise ValueError(f"{file.name}:{number}: five cells with tabs between them are needed "
                             "(English, preferred, forbidden, allowed, note), or two more for "
                             "the term's meaning (in English, in Vietnamese)")
        forbidden, allowed = (tuple(form.strip() for form in cell.split(";") if form.strip())
                              for cell in cells[2:4])
        meaning = dict(zip(("en", "vi"), cells[5:], strict=False))
        terms.append(Term(cells[0], cells[1], forbidden, allowed, meaning))
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

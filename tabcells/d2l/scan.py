"""A page of D2L's dialect, cut where its old builder cut it: cells, prose, prose of tabs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ..errors import CellError


class Line(NamedTuple):
    """A line of the author's file: its 1-based number, and what of it is left."""

    number: int
    text: str


class Segment(NamedTuple):
    """Neighbouring lines: a code cell without its fences, or prose.

    ``line`` is where it begins; ``tabs`` are the names in a prose tab's mark, None outside one.
    """

    is_cell: bool
    line: int
    lines: list[Line]
    tabs: tuple[str, ...] | None = None


#: Something the page says that can't hold, and that must not stop a build: line and sentence.
Warnings = list[tuple[int, str]]

#: A code span within a line or a paragraph; what looks like a mark in it is none.
CODE = r"(?<!`)(?P<ticks>`+)(?!`)(?:[^\n]|\n(?![ \t]*\n))+?(?<!`)(?P=ticks)(?!`)"

_OPENING = re.compile(r"( *)(`{3,}|~{3,})[ \t]*([^`]*?)[ \t]*$")
_CLOSING = re.compile(r" *(`{3,}|~{3,})[ \t]*$")
_CELL = re.compile(r"\{[^}]*\.input\b[^}]*\}")
_COMMENT = re.compile(f"{CODE}|<!--")
_BEGIN = re.compile(r"\s*: ?begin_tab ?: ?`+([^`]*)`+\s*(.*)")
_END = re.compile(r"\s*: ?end_tab ?:\s*(.*)")


class Fence(NamedTuple):
    """The first line of a fence: its indentation, its mark (```` ``` ````) and its words."""

    indent: str
    mark: str
    info: str

    def is_closed_by(self, text: str) -> bool:
        closing = _CLOSING.match(text)
        return bool(closing and closing[1].startswith(self.mark))


def opening(text: str) -> Fence | None:
    """The fence that this line opens, if it does."""
    match = _OPENING.match(text)
    return Fence(*match.groups()) if match else None


def blocks(lines: Iterable[Line]) -> Iterator[tuple[Fence | None, list[Line]]]:
    """The lines one by one, and each fence as a whole; one that is not closed goes to the end."""
    fence, inside = None, []
    for line in lines:
        if fence:
            inside.append(line)
            if fence.is_closed_by(line.text):
                yield fence, inside
                fence = None
        elif fence := opening(line.text):
            inside = [line]
        else:
            yield None, [line]
    if fence:
        yield fence, inside


def segments(text: str, path: str, warnings: Warnings) -> list[Segment]:
    """Cut a page.  Comments are gone, and so are lines that held nothing else.

    :param path: what errors call the file
    :param warnings: gets what is odd
    :raises CellError: a fence or a comment that is never closed
    """
    parts: list[Segment] = []
    prose: list[Line] = []
    tabs: tuple[str, ...] | None = None

    def end_prose() -> None:
        if any(line.text.strip() for line in prose):
            parts.append(Segment(False, prose[0].number, list(prose), tabs))
        prose.clear()

    for fence, lines in blocks(_without_comments(text, path)):
        first = lines[0]
        if fence and (len(lines) < 2 or not fence.is_closed_by(lines[-1].text)):
            raise CellError(path, first.number, None, "this fence is never closed")
        if fence and _CELL.search(fence.info):
            end_prose()
            if tabs is not None:
                warnings.append((first.number, "the prose of a tab ends here, before a cell, "
                                 "without :end_tab:"))
                tabs = None
            parts.append(Segment(True, first.number, [
                Line(line.number, _dedented(line.text, fence.indent)) for line in lines[1:-1]]))
        elif fence:
            prose += lines
        elif begin := _BEGIN.match(first.text):
            end_prose()
            tabs = tuple(name.strip() for name in begin[1].split(",") if name.strip())
            if begin[2].strip():
                prose.append(Line(first.number, begin[2]))
        elif end := _END.match(first.text):
            end_prose()
            if tabs is None:
                warnings.append((first.number, ":end_tab: without :begin_tab:"))
            tabs = None
            if end[1].strip():
                prose.append(Line(first.number, end[1]))
        else:
            prose.append(first)
    end_prose()
    if tabs is not None:
        warnings.append((text.count("\n") + 1, "the page ends within the prose of a tab, without "
                         ":end_tab:"))
    return parts


def _dedented(text: str, indent: str) -> str:
    return text[len(indent):] if text.startswith(indent) else text.lstrip(" ")


def _without_comments(text: str, path: str) -> list[Line]:
    """The page's lines without comments; a comment may hold fences and marks of its own."""
    lines: list[Line] = []
    fence: Fence | None = None
    begun = 0  # the line in which a comment began that is still open
    for number, raw in enumerate(text.split("\n"), 1):
        if fence:
            lines.append(Line(number, raw))
            fence = None if fence.is_closed_by(raw) else fence
            continue
        kept, rest, is_plain = "", raw, not begun
        while rest:
            if begun:
                _, end, rest = rest.partition("-->")
                begun = 0 if end else begun
            else:
                start = next((match.start() for match in _COMMENT.finditer(rest)
                              if match[0] == "<!--"), len(rest))
                begun = number if start < len(rest) else 0
                is_plain = is_plain and not begun
                kept, rest = kept + rest[:start], rest[start + len("<!--"):]
        if is_plain or kept.strip():
            lines.append(Line(number, kept))
            fence = opening(kept)
    if begun:
        raise CellError(path, begun, None, "this comment is never closed: `-->` is missing")
    return lines

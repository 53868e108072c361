"""What a terminal would show of text that moves its cursor: progress bars, erased lines.

The terminal is pyte's; of colours it keeps the sequences as they came.  Pure functions.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable

import pyte
from pyte.modes import DECAWM, LNM
from wcwidth import wcwidth

_COLOUR = r"\x1b\[[0-9;]*m"
#: What moves the cursor or erases, with at most four digits to a number.
_MOVE = r"\x1b\[(?:(?:\d{0,4};)?\d{0,4}[Hf]|\d{0,4}[ABCDEFGPX@LMd]|[012]?[JK])|\x1b[78DEM]"
#: What a terminal obeys without showing it: cursor on and off, titles, links, character sets.
_UNSEEN = (r"\x07|\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]P^_X][^\x07\x1b\n]*(?:\x07|\x1b\\)"
           r"|\x1b[()*+][0-9A-B]|\x1b[=>HNOZ]")
#: What pyte knows by another name, or not at all: to remember a place, to begin anew.
_SYNONYMS = {"\b": "\x1b[D", "\x1b[s": "\x1b7", "\x1b[u": "\x1b8", "\x1bc": "\x1b[m\x1b[H\x1b[2J"}
_SEQUENCE = re.compile(f"({_COLOUR}|{_MOVE})|{_UNSEEN}")
_KNOWN = re.compile(f"({_COLOUR}|{_MOVE})")
#: Where a terminal does something else than to go on writing.
_MOVES = re.compile(f"\\r(?!\\n)|{_MOVE}")
#: Where a line begins again, at the latest.
_START = re.compile(r"[\r\n]")

#: The height of a terminal, which bounds where a cursor can be sent.
_LINES = 24

#: One colour or style of a sequence, and which of them are colours.
_CODE = re.compile(r"(?<!\d)(?:[34]8;(?:5;\d+|2;\d+;\d+;\d+)|\d+)")
_TEXT, _BEHIND = {*range(30, 39), *range(90, 98)}, {*range(40, 49), *range(100, 108)}


def settled(text: str, visible: Callable[[str], str]) -> str:
    """``text`` as it stands when all of it has been written to a terminal, colours kept.

    :param visible: what to make of all other text, a sequence that is cut off or unknown included
    """
    for sequence, synonym in _SYNONYMS.items():
        text = text.replace(sequence, synonym)
    if "\x1b" in text or "\x07" in text:
        text = _SEQUENCE.sub(lambda sequence: sequence[1] or "", text)
    if not _MOVES.search(text):
        return visible(text)
    screen = _Screen(_width(text))
    stream = pyte.Stream(screen)
    for part in _KNOWN.split(text):
        stream.feed(part if _KNOWN.fullmatch(part) else visible(part))
    return screen.text()


def _width(text: str) -> int:
    """The columns of a screen that is wide enough: no line of a page is cut."""
    return 2 + max(2 * len(piece) + 8 * piece.count("\t") + sum(
        min(300, int(number)) for number in re.findall(r"\x1b\[(\d+)[CG@]", piece))
        for piece in _START.split(text))


class _Screen(pyte.Screen):
    """Grows with what is written, so that nothing is scrolled away; ``fg`` of a character holds
    all that colours it, as the codes came: "1;38;5;9"."""

    def __init__(self, columns: int) -> None:
        super().__init__(columns, _LINES)
        self.set_mode(LNM)
        self.reset_mode(DECAWM)

    def index(self) -> None:
        self.lines = max(self.lines, self.cursor.y + 2)
        super().index()

    def draw(self, data: str) -> None:
        """pyte drops what comes after a character without a width, such as the parts of emoji."""
        for wide, chars in itertools.groupby(data, lambda char: wcwidth(char) > 0):
            part = "".join(chars)
            if wide:
                super().draw(part)
            elif self.cursor.x:
                line = self.buffer[self.cursor.y]
                last = line[self.cursor.x - 1]
                line[self.cursor.x - 1] = last._replace(data=last.data + part)

    def erase_in_line(self, how: int = 0, private: bool = False) -> None:
        """pyte writes blanks up to the last column, and this screen may be wide."""
        line, here = self.buffer[self.cursor.y], self.cursor.x
        for x in [x for x in line if how == 2 or (x <= here if how else x >= here)]:
            del line[x]

    def select_graphic_rendition(self, *attrs: int) -> None:
        """What colours from here on: of each kind the last code, until another one ends it."""
        codes: dict[int, str] = {}
        new = ";".join(map(str, attrs or (0,)))
        for code in _CODE.findall(f"{self.cursor.attrs.fg};{new}"):
            number = int(code.partition(";")[0])
            if number == 0:
                codes.clear()
            elif number == 22:  # neither bold nor faint
                codes.pop(1, None)
                codes.pop(2, None)
            elif number in range(23, 30):
                codes.pop(number - 20, None)
            elif number in (39, 49):
                codes.pop(number - 9, None)
            else:  # one colour of the text, one behind it
                codes[30 if number in _TEXT else 40 if number in _BEHIND else number] = code
        self.cursor.attrs = self.default_char._replace(fg=";".join(codes.values()) or "default")

    def text(self) -> str:
        rows = {row: self._row(line) for row, line in self.buffer.items()}
        last = max([self.cursor.y, *(row for row, text in rows.items() if text)])
        return "\n".join(rows.get(row, "") for row in range(last + 1))

    def _row(self, line) -> str:
        """One line without the blanks at its end, which nobody sees and erasing leaves behind."""
        end = max((x for x, char in line.items() if char.data not in ("", " ")), default=-1) + 1
        parts, before = [], "default"
        for char in [line[x] for x in range(end)] + [self.default_char._replace(data="")]:
            if char.fg != before:
                parts += ["\x1b[0m"] * (before != "default")
                parts += [f"\x1b[{char.fg}m"] * (char.fg != "default")
                before = char.fg
            parts.append(char.data)
        return "".join(parts)

"""What a kernel printed, as a record and a page can hold it.  Pure functions."""

from __future__ import annotations

import re
from typing import Any

import nbformat

#: One character that XML 1.0 does not allow or HTML calls an error: controls, surrogates, and
#: what Unicode assigns to no character.
_ODD = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane + 0xFFFE) + chr(plane + 0xFFFF) for plane in range(0, 0x110000, 0x10000))
    + "]")
#: The same, or a whole sequence of a terminal that myst-nb turns into a colour, or drops.
_ODD_OR_COLOUR = re.compile(r"\x1b\[[0-9;=]*[A-Za-z]|" + _ODD.pattern)


def tidy(outputs: list) -> list:
    """Outputs of one cell: neighbouring text of one stream joined, all text printable.

    A kernel sends text as time goes by, so where it is cut differs from run to run.
    """
    runs: list = []
    for output in outputs:
        name = output.get("name")  # of a stream; nothing else has one
        if not (name and runs and runs[-1][0].get("name") == name):
            runs.append([])
        runs[-1].append(output)
    return [_clean_output(run[0] if len(run) == 1 else
                   {**run[0], "text": "".join(output["text"] for output in run)}) for run in runs]


def printable(text: str, colours: bool = False) -> str:
    """``text`` with a picture in the place of each character that no page can hold.

    :param colours: let pass what myst-nb turns into colours
    """
    return (_ODD_OR_COLOUR if colours else _ODD).sub(
        lambda odd: odd[0] if len(odd[0]) > 1 else _picture(ord(odd[0])), text)


def _picture(code) -> str:
    """U+2400 and on for the controls of ASCII, U+FFFD for what has none."""
    return chr(0x2400 + code) if code < 32 else "\u2421" if code == 127 else "\ufffd"


def _clean_output(output) -> nbformat.NotebookNode:
    kept = {name: clean(value, name in ("text", "traceback")) for name, value in output.items()}
    # What glue shows within a sentence gets no colours, so their sequences would stay.
    if "text/plain" in output.get("data", {}) and "scrapbook" not in output["metadata"]:
        kept["data"]["text/plain"] = clean(output["data"]["text/plain"], True)
    return nbformat.from_dict(kept)


def clean(value: Any, colours: bool = False) -> Any:
    """``value``, of JSON, with every text in it made printable.

    :param colours: of text that a terminal would show: it obeys what moves the cursor, too
    """
    if isinstance(value, str):
        if colours:
            from .terminal import settled  # pyte and its tables: where nothing runs, nobody waits

            return settled(value, lambda text: printable(text, True))
        return printable(value)
    if isinstance(value, list):
        return [clean(item, colours) for item in value]
    if isinstance(value, dict):
        return {printable(name): clean(item, colours) for name, item in value.items()}
    return value

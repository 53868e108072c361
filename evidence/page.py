"""Show evidence: a sentence, a table and a plot, in the language of the page."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from . import kinds, words
from .measure import MIME

#: Records of machines: by name, their content as `measurements.schema.json` has it.
Records = Mapping[str, dict[str, Any]]


def show(data: dict[str, Any], language: str, prefix: str = "evidence",
         trace_link: str | None = None, records: Records = MappingProxyType({}),
         captions: bool = False) -> tuple[str, str, str]:
    """What a page says of ``data``: its Markdown, its SVG, and the picture in words.

    :param prefix: unique on the page; the ids inside the SVG begin with it
    :param trace_link: where a timeline's trace can be had
    :param records: one of these leads where ``data`` earn no verdict, and it did
    :param captions: whether the table has one: a paragraph above it that begins with a colon
    :raises ValueError: an unknown kind
    """
    kind, sentence = kinds.of(data), words.sentence(data, language)
    if record := recorded(data, records):
        machine, entry = record
        sentence = words.RECORDED[language].format(
            machine=machine["name"], date=machine["date"], own=sentence,
            verdict=words.sentence(entry, language))
    alt = kind.alt(data, language)
    if not alt:
        return sentence, "", ""
    table = kind.table(data, language)
    caption = kind.caption(data, language) if captions and table else ""
    text = [sentence, caption and f": {caption}", table]
    if trace_link and kind.trace_name(data):
        text.append(words.label("trace", language).format(trace=trace_link))
    return "\n\n".join(filter(None, text)), kind.plot(data, language, prefix, alt), alt


def recorded(data: dict[str, Any], records: Records
             ) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The record, and its measurement of the same, that leads in the place of ``data``.

    None where ``data`` earn a verdict themselves, or no record does.  Records of the same
    devices go first.
    """
    if not words.is_refused(data):
        return None
    same = [(record, entry) for record in records.values() for entry in record["measurements"]
            if all(entry[key] == data[key] for key in ("framework", "experiment", "kind"))
            and not words.is_refused(entry)]
    return min(same, key=lambda pair: pair[1]["devices"] != data["devices"], default=None)


def notebook_bundle(data: dict[str, Any]) -> dict[str, str]:
    """The same for a notebook that a reader runs, in the language of ``BOOK_LANGUAGE``."""
    language = os.environ.get("BOOK_LANGUAGE", "en")
    prefix = "-".join(("evidence", data["framework"], data["kind"], data["experiment"]))
    text, svg, alt = show(data, language, prefix)
    return {"text/html": _html(text) + svg, "text/plain": f"{_plain(text)}\n\n{alt}"}


def save_plot(html: str, file: str) -> str:
    """Write the plot of a notebook's ``text/html`` for a reader's own programs, into a new folder
    if need be.

    :returns: its path, or why it could not be written
    """
    svg = html[html.index("<svg"):]
    # Many a program that shows SVG knows no variables of CSS: their values.
    svg = re.sub(r"var\(--[\w-]+, ((?:[^()]|\([^()]*\))+)\)", r"\1", svg)
    try:
        os.makedirs(os.path.dirname(file), exist_ok=True)
        with open(file, "w", encoding="utf-8") as place:
            place.write(svg)
    except OSError as error:
        return str(error)
    return file


def render_output(output: dict[str, Any], where: dict[str, str],
                  records: Records = MappingProxyType({})) -> list[dict[str, Any]]:
    """For ``tabcells_output``: evidence in words and pictures, anything else as it is.

    :param output: a notebook output
    :param where: ``docname``, ``tab``, ``cell`` (a number) and ``language``
    :param records: as for `show`
    :returns: list of notebook outputs
    """
    data = output.get("data", {}).get(MIME)
    if data is None:
        return [output]
    trace = kinds.of(data).trace_name(data)
    link = trace and "../" * where["docname"].count("/") + trace
    text, svg, alt = show(data, where["language"], f"{where['tab']}-{where['cell']}", link,
                          records, captions=True)
    bundles = [{"text/markdown": text, "text/plain": text}]
    if svg:
        bundles.append({"text/html": f'<div class="evidence">{svg}</div>', "text/plain": alt})
    return [{"output_type": "display_data", "data": bundle, "metadata": {}} for bundle in bundles]


def _html(markdown: str) -> str:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable("table").render(markdown)


def _plain(markdown: str) -> str:
    """For a terminal: no marks, and tables in columns."""
    return "\n\n".join(_columns(block) if block.startswith("|") else block
                       for block in re.sub(r"[*`]", "", markdown).split("\n\n"))


def _columns(table: str) -> str:
    """A table of Markdown: its first column flush left, the others right."""
    head, _rule, *body = ([cell.strip() for cell in line.strip("|").split("|")]
                          for line in table.split("\n"))
    widths = [max(map(len, column)) for column in zip(head, *body)]
    rows = [head, ["-" * width for width in widths], *body]
    return "\n".join("  ".join(
        cell.rjust(width) if place else cell.ljust(width)
        for place, (cell, width) in enumerate(zip(row, widths))).rstrip() for row in rows)

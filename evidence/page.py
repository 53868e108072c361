"""Show evidence: a sentence, a table and a plot, in the language of the page."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from . import kinds, words
from .measure import MIME

#: Records of machines: by name, their content as `measurements.schema.json` has it.
Records = Mapping[str, dict[str, Any]]


def show(data: dict[str, Any], language: str, prefix: str = "evidence",
         trace_link: str | None = None, records: Records = MappingProxyType({})
         ) -> tuple[str, str, str]:
    """What a page says of ``data``: its Markdown, its SVG, and the picture in words.

    :param prefix: unique on the page; the ids inside the SVG begin with it
    :param trace_link: where a timeline's trace can be had
    :param records: one of these leads where ``data`` earn no verdict, and it did
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
    text = [sentence, kind.table(data, language)]
    if trace_link and kind.trace_name(data):
        text.append(f"[{words.label('trace', language)}]({trace_link})")
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
    return {"text/html": _html(text) + svg, "text/plain": f"{text}\n\n{alt}"}


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
                          records)
    bundles = [{"text/markdown": text, "text/plain": text}]
    if svg:
        bundles.append({"text/html": f'<div class="evidence">{svg}</div>', "text/plain": alt})
    return [{"output_type": "display_data", "data": bundle, "metadata": {}} for bundle in bundles]


def _html(markdown: str) -> str:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable("table").render(markdown)

"""The machines on record: `{machines}` shows them beside the one that built the page.

A record is `records/NAME.json`, written by `make record`: what a build on that machine
published, and its name.  Where a page's own readings earn no verdict, a record's leads
(`render_output`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.locale import _
from sphinx.util.docutils import SphinxDirective

from evidence import kinds, page, words
from evidence.measure import MIME
from tabcells.words import day

from .frameworks import label
from .numbers import evidence_of, machine_of

#: The folder "records" of the project that is being built: what shows outputs is told of none.
_folders: dict[str, Path] = {}


def render_output(output: dict[str, Any], where: dict[str, str]) -> list[dict[str, Any]]:
    """For ``tabcells_output``: as `evidence.page.render_output`, with the records at hand.

    :raises ValueError: see `read_records`
    """
    data = output.get("data", {}).get(MIME)
    records = {}
    if data is not None and words.is_refused(data):
        records = {name: {**record, "date": day(record["date"], where["language"])}
                   for name, record in read_records(_folders["records"]).items()}
    return page.render_output(output, where, records)


def read_records(folder) -> dict[str, dict[str, Any]]:
    """The records in ``folder``, by name; in a build, by its translation, if locale/ has one.

    :raises ValueError: a record that lacks a part, with its file's name
    """
    records = {}
    for path in sorted(Path(folder).glob("*.json")):
        try:
            record = json.loads(path.read_text("utf-8"))
            missing = {"name", "date", "machine", *kinds.PARTS} - set(record)
        except (ValueError, TypeError) as error:
            raise ValueError(f"records/{path.name}: {error}") from error
        if missing:
            raise ValueError(f"records/{path.name}: lacks {', '.join(sorted(missing))}")
        for line in record["timelines"]:
            line.setdefault("kind", "timeline")  # the first records did not say it
        name = record["name"]
        record["name"] = str(_(name))
        records[record["name"]] = record
    return dict(sorted(records.items()))


class _OfRecords(SphinxDirective):
    def records(self) -> dict[str, dict[str, Any]]:
        """The records by name; the page that is being read is read again when one changes."""
        _depend_on_records(self.env)
        try:
            return read_records(_folders["records"])
        except ValueError as error:
            raise self.error(str(error)) from error


class Machines(_OfRecords):
    """A table: a row per experiment, a column per machine; then each machine's lanes."""

    def run(self) -> list[nodes.Node]:
        records = self.records()
        language = self.config.language
        own = _("this build")
        evidence = list(
            self.env.events.emit_firstresult("book-evidence", self.env.docname))
        here = [data for data, _record in evidence]
        columns = {own: {_key(data): data for data in here if _summary(data, language)}}
        for name, record in records.items():
            columns[name] = {_key(data): data for data in record["measurements"]}
        rows = list(dict.fromkeys(key for key in columns[own]))
        lines = [f": {_('The speed-up of each experiment, by machine')}", "",
                 f"| {_('experiment')} | " + " | ".join(columns) + " |",
                 "|---|" + "--:|" * len(columns)]
        for framework, experiment in rows:
            cells = [_summary(known.get((framework, experiment)), language) or _("not measured")
                     for known in columns.values()]
            title = words.label(experiment, language)
            lines.append(f"| {label(self.config, framework)}, {title} | "
                         + " | ".join(cells) + " |")
        ratios = _("Speed-up (efficiency: 1 where the estimated limit was reached or beaten)")
        lines += ["", f"{ratios}. {words.rule(language)}", ""]
        machine = machine_of([record for _data, record in evidence])
        machines = {own: {"machine": machine, "date": None}, **records}
        for name, record in machines.items():
            machine = record["machine"]
            text = _("{processor}; cores: {cores}; GPU: {gpus}; recorded {date}.").format(
                **{**machine, "gpus": ", ".join(machine["gpus"]) or _("none")},
                date=record["date"] and day(record["date"], language))
            if not record["date"]:
                text = text.rpartition(";")[0] + "."
            lines.append(f"* **{name}**: {text}")
        if not records:
            lines += ["", _("No other machine is on record yet.")]
        return [*self.parse_text_to_nodes("\n".join(lines)),
                *_timelines(self.config, records, "two-devices")]


class RecordedTimeline(_OfRecords):
    """`{recorded-timeline} EXPERIMENT FRAMEWORK`: what the first record that has it shows."""

    required_arguments = 2

    def run(self) -> list[nodes.Node]:
        drawn = list(_timelines(self.config, self.records(), *self.arguments))[:2]
        return drawn or self.parse_text_to_nodes(_("No other machine is on record yet."))


def _timelines(config, records, experiment, framework=None) -> Iterator[nodes.Node]:
    """Of each record, a title and a drawing for each timeline of this experiment."""
    for name, record in records.items():
        for number, line in enumerate(record["timelines"]):
            if (line["experiment"] != experiment or not line["bars"]
                    or line["framework"] != (framework or line["framework"])):
                continue
            title = (f"{name}: {label(config, line['framework'])}, "
                     f"{words.label(experiment, config.language)}")
            svg = kinds.of(line).plot(
                line, config.language, f"record-{nodes.make_id(name)}-{number}", title)
            yield nodes.paragraph(title, title)
            yield nodes.raw("", f'<div class="evidence">{svg}</div>', format="html")


def _begin(app) -> None:
    _folders["records"] = Path(app.srcdir, "records")


def _depend_on_records(env) -> None:
    """The page that is being read is read again when a record changes, comes or goes."""
    folder = _folders["records"]
    env.metadata[env.docname]["records"] = _names(folder)
    for path in sorted(folder.glob("*.json")):
        env.note_dependency(str(path))


def _note_refused(app, doctree) -> None:
    """A page whose readings earn no verdict shows what a record says, or would."""
    if any(words.is_refused(data) for data, _record in evidence_of(app, app.env.docname)):
        _depend_on_records(app.env)


def _names(folder) -> str:
    return " ".join(sorted(path.name for path in Path(folder).glob("*.json")))


def outdated(app, env, added, changed, removed) -> list[str]:
    """Pages whose list of records is no longer the folder's; Sphinx sees edits itself."""
    names = _names(Path(app.srcdir, "records"))
    return [docname for docname in env.found_docs
            if env.metadata.get(docname, {}).get("records", names) != names]


def _key(data) -> tuple[str, str]:
    return data["framework"], data["experiment"]


def _summary(data, language) -> str:
    return "" if data is None else kinds.of(data).summary(data, language)


def setup(app) -> None:
    app.add_directive("machines", Machines)
    app.add_directive("recorded-timeline", RecordedTimeline)
    app.add_event("book-evidence")  # Sphinx gives the app to who answers an event, to no directive
    app.connect("book-evidence", evidence_of)
    app.connect("builder-inited", _begin)
    app.connect("doctree-read", _note_refused)
    app.connect("env-get-outdated", outdated)

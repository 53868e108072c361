"""The directive: a still picture and its words, which `schedule.js` makes a thing to play with.

Where no script runs (paper, e-books, a browser without JavaScript) the picture stays.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from pathlib import Path
from statistics import median
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.locale import _
from sphinx.util.docutils import SphinxDirective

from evidence import words

from ..machines import read_records
from . import model

#: What is shown where nothing was measured, in seconds.
EXAMPLE = {"first": 0.1, "second": 0.1}
#: Where no style sheet is: in what readers take along.
COLOURS = {"compute": "#3568c8", "copy": "#b85c0c"}
LANE, GAP = 18, 20  # pixels: a bar's height, and that of the label above it


def _experiment(argument: str) -> str:
    return directives.choice(argument, tuple(model.EXPERIMENTS))


class Schedule(SphinxDirective):
    """``{schedule} EXPERIMENT``, with the framework and the evidence that it starts from."""

    required_arguments = 1
    option_spec: ClassVar = {
        "framework": directives.unchanged_required, "evidence": directives.unchanged_required,
        "slots": directives.nonnegative_int, "streams": directives.positive_int,
        "wait": lambda argument: directives.choice(argument, model.WAITS)}

    def run(self) -> list[nodes.Node]:
        experiment = _experiment(self.arguments[0])
        measured = list(self._measured(self.options.get("evidence", experiment)))
        first = measured[0]["values"] if measured else EXAMPLE
        values = {"n": 20, "slots": self.options.get("slots", 0), "wait": "end",
                  "streams": self.options.get("streams", 2), **first}
        if "wait" in self.options:
            values["wait"] = self.options["wait"]
        lanes = {"first": _("first device"), "second": _("second device")}
        if experiment == "run-and-copy":
            lanes = {"first": _("computing"), "second": _("copying")}
        say = _say()
        jobs = model.EXPERIMENTS[experiment](values)
        runs = model.simulate(jobs, int(values["slots"]))
        result = sentence(values, runs, say, self.config.language)
        data = {"experiment": experiment, "values": values, "lanes": lanes, "say": say,
                "decimal": "," if self.config.language == "vi" else "."}
        self.env.metadata[self.env.docname]["schedule"] = "1"
        drawing = picture(jobs, runs, lanes, result,
                          f"schedule-{self.env.new_serialno('schedule')}")
        html = (f'<div class="schedule evidence" data-schedule="{escape(json.dumps(data))}">'
                f'<div class="schedule-picture">{drawing}</div>'
                f'<p class="schedule-result">{escape(result)}</p></div>')
        return [nodes.raw("", html, format="html"),
                *self.parse_text_to_nodes("\n".join(self._compared(measured, values, experiment)))]

    def _measured(self, name: str) -> Iterator[dict[str, Any]]:
        """Medians of this page's runs, then of the machines on record."""
        evidence = [data for data, _record in self.env.events.emit_firstresult(
            "book-evidence", self.env.docname)]
        folder = Path(self.env.srcdir, "records")
        sources = {_("this build"): evidence, **{
            machine: record["measurements"] for machine, record in read_records(folder).items()}}
        for machine, measurements in sources.items():
            for data in measurements:
                if (data["kind"], data["experiment"], data["framework"]) == (
                        "pair", name, self.options.get("framework", data["framework"])):
                    medians = {part: median(times) for part, times in data["seconds"].items()}
                    yield {"machine": machine, "speedup": data["speedup"], "values": {
                        "first": medians["first"], "second": medians["second"]}}

    def _compared(self, measured, values, experiment) -> Iterator[str]:
        """A table: the speed-up that was measured, and the model's for the same two parts."""
        if not measured:
            yield _("Nothing was measured in this build; the times are examples.")
            return
        yield f": {_('The speed-up that the model gives, beside the one measured')}"
        yield ""
        yield f"| {_('machine')} | {_('measured')} | {_('model')} | {_('the model is off by')} |"
        yield "|:--|--:|--:|--:|"
        for row in measured:
            given = {**values, **row["values"]}
            runs = model.simulate(model.EXPERIMENTS[experiment](given), int(given["slots"]))
            speedup, _efficiency = model.ratios(given, runs)
            language = self.config.language
            yield (f"| {row['machine']} | {words.number(row['speedup'], language)} | "
                   f"{words.number(speedup, language)} | "
                   f"{words.percent(abs(speedup / row['speedup'] - 1), language)} |")


def _say() -> dict[str, str]:
    """What the picture says, with its controls, in the page's language."""
    return {
        "result": _("Model, not a measurement: done after {end} ms; speed-up {speedup}, "
                    "efficiency {efficiency}%. Outlined: what the end had to wait for."),
        "first": _("Time of the first part, ms"), "second": _("Time of the second part, ms"),
        "n": _("Number of products"), "slots": _("Slots of temporary space (0: enough)"),
        "streams": _("Queues of the device"), "wait": _("The host waits"),
        "end": _("at the end"), "between": _("between the parts"), "call": _("in every call"),
        "again": _("Back to what was measured")}


def sentence(values, runs, say, language) -> str:
    """The result in words."""
    speedup, efficiency = model.ratios(values, runs)
    end = runs[model.latest(runs)].end
    return say["result"].format(
        end=words.number(1000 * end, language, 1), speedup=words.number(speedup, language),
        efficiency=words.number(100 * efficiency, language, 0))


def picture(jobs, runs, lanes, title: str, name: str = "schedule") -> str:
    """A lane per queue, a bar per job; it is as wide as its place, its letters stay as large.

    :param name: unique on the page
    """
    end = runs[model.latest(runs)].end
    outlined = set(model.critical(runs))
    rows = list(lanes)
    drawn = [f'<title id="{name}-title">{escape(title)}</title>']
    for row, queue in enumerate(rows):
        drawn.append(f'<text x="0" y="{row * (LANE + GAP) + 14}">{escape(lanes[queue])}</text>')
    for number, (job, run) in enumerate(zip(jobs, runs, strict=True)):
        y = rows.index(job.queues[0]) * (LANE + GAP) + GAP
        kind, stroke = job.kind, "#fff"
        if number in outlined:
            kind, stroke = f"{kind} critical", "#000"
        drawn.append(f'<rect class="{kind}" x="{100 * run.start / end:.2f}%" y="{y}" '
                     f'width="{100 * job.seconds / end:.2f}%" height="{LANE}" '
                     f'fill="{COLOURS[job.kind]}" stroke="{stroke}"/>')
    return (f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="100%" '
            f'aria-labelledby="{name}-title" '
            f'height="{len(rows) * (LANE + GAP) + 2}" fill="currentColor" font-size="13">'
            f'{"".join(drawn)}</svg>')


def add_script(app, pagename, templatename, context, doctree) -> None:
    if "schedule" in app.env.metadata.get(pagename, {}):
        app.add_js_file("schedule.js", loading_method="defer")


def setup(app) -> None:
    app.add_directive("schedule", Schedule)
    app.connect("html-page-context", add_script)

"""The directive: a still picture and its words, which `schedule.js` makes a thing to play with.

Where no script runs (paper, e-books, a browser without JavaScript) the pictures stay.
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

from evidence import graph, kinds, words

from ..machines import read_records
from . import drawing, model

#: What is shown where nothing was measured, in seconds.
PARTS = {"first": 0.1, "second": 0.1}
EXAMPLE = {"two-devices": PARTS, "run-and-copy": PARTS, "mlp": model.step_of(
    {"name": task.name, "lane": task.lane, "needs": task.needs, "seconds": 0.01}
    for task in graph.mlp())}
#: What a reader changes besides the times, and the number that the cells have.
COUNTS = {"two-devices": ("n", "slots"), "run-and-copy": ("n", "streams"), "mlp": ("n",)}
NUMBER = {"two-devices": 20, "run-and-copy": 20, "mlp": 3}


def _experiment(argument: str) -> str:
    return directives.choice(argument, tuple(model.EXPERIMENTS))


class Schedule(SphinxDirective):
    """``{schedule} EXPERIMENT``, with the framework and the evidence that it starts from.

    Only with ``slots`` may a reader change how much temporary space there is (0: enough).
    """

    required_arguments = 1
    option_spec: ClassVar = {
        "framework": directives.unchanged_required, "evidence": directives.unchanged_required,
        "slots": directives.nonnegative_int, "streams": directives.positive_int,
        "wait": lambda argument: directives.choice(argument, model.WAITS)}

    def run(self) -> list[nodes.Node]:
        experiment, language = _experiment(self.arguments[0]), self.config.language
        measured = list(self._measured(self.options.get("evidence", experiment)))
        times = next((row["values"] for row in measured if row["values"]), EXAMPLE[experiment])
        values = {"n": NUMBER[experiment], "slots": self.options.get("slots", 0),
                  "wait": self.options.get("wait", "end"),
                  "streams": self.options.get("streams", 2), **times}
        lanes, say = _lanes(experiment), _say(experiment, times)
        jobs = model.EXPERIMENTS[experiment](values)
        runs = model.simulate(jobs, int(values["slots"]))
        for row in measured:
            row["model"] = row["values"] and _speedup(experiment, {**values, **row["values"]})
        most = max(len(lanes) + 0.2, *(1.05 * value for row in measured
                                       for value in row["readings"]), 0)
        data = {"experiment": experiment, "values": values, "lanes": lanes, "say": say,
                "controls": [name for name in (*times, *COUNTS[experiment]) if name != "tasks"
                             and (name != "slots" or "slots" in self.options)],
                "most": most, "decimal": "," if language == "vi" else "."}
        self.env.metadata[self.env.docname]["schedule"] = "1"
        result = sentence(values, jobs, runs, say, language)
        name = f"schedule-{self.env.new_serialno('schedule')}"
        html = (f'<div class="schedule evidence" data-schedule="{escape(json.dumps(data))}">'
                f'<div class="schedule-picture">{drawing.picture(jobs, runs, lanes, result, name)}'
                f'</div><p class="schedule-result">{escape(result)}</p>')
        if measured:
            legend = _("Speed-up. Points: readings; strokes: the model with that machine's own "
                       "times; dashed: the model as it is set above.")
            speedup, _efficiency = model.ratios(values, jobs, runs)
            html += (f'<div class="schedule-points">'
                     f'{drawing.points(measured, speedup, most, legend, f"{name}-points")}</div>'
                     f'<p class="schedule-legend">{escape(legend)}</p>')
        # A result: it begins with what was measured, which a guess above it asks for.
        return [nodes.container("", nodes.raw("", f"{html}</div>", format="html"),
                                *self.parse_text_to_nodes("\n".join(
                                    _compared(measured, language))), classes=["result"])]

    def _measured(self, name: str) -> Iterator[dict[str, Any]]:
        """What this page's runs measured, then the machines on record.

        ``values`` are the times that the model wants, None where they are not on record;
        ``readings`` are speed-ups, round by round.
        """
        evidence = [data for data, _record in self.env.events.emit_firstresult(
            "book-evidence", self.env.docname)]
        folder = Path(self.env.srcdir, "records")
        sources = {_("this build"): evidence, **{
            machine: [entry for part in kinds.PARTS for entry in record[part]]
            for machine, record in read_records(folder).items()}}
        for machine, entries in sources.items():
            own = [data for data in entries if data["experiment"] == name and data["framework"]
                   == self.options.get("framework", data["framework"])]
            for data in own:
                if data["kind"] in ("pair", "versus"):
                    [(slow, fast)] = kinds.of(data).ratios(data)["speedup"]
                    yield {"machine": machine, "speedup": data["speedup"],
                           "readings": [a / b for a, b in zip(slow, fast, strict=True)],
                           "values": _times(data, own)}


def _times(data: dict[str, Any], entries: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Of a measurement the times that the model wants: of its parts, or of a graph's tasks."""
    if data["kind"] == "pair":
        return {part: median(data["seconds"][part]) for part in ("first", "second")}
    return next((model.step_of(entry["tasks"]) for entry in entries
                 if entry["framework"] == data["framework"]
                 and any(task["seconds"] for task in entry.get("tasks", ()))), None)


def _speedup(experiment: str, values: dict[str, Any]) -> float:
    jobs = model.EXPERIMENTS[experiment](values)
    return model.ratios(values, jobs, model.simulate(jobs, int(values["slots"])))[0]


def _compared(measured: list[dict[str, Any]], language: str) -> Iterator[str]:
    """A table: the speed-up that was measured, and the model's with the same times."""
    if not measured:
        yield _("Nothing was measured in this build; the times are examples.")
        return
    yield f": {_('The speed-up that the model gives, beside the one measured')}"
    yield ""
    yield f"| {_('machine')} | {_('measured')} | {_('model')} | {_('the model is off by')} |"
    yield "|:--|--:|--:|--:|"
    for row in measured:
        said = [_("times not on record"), "–"] if row["model"] is None else [
            words.number(row["model"], language),
            f"{abs(row['model'] / row['speedup'] - 1):.0%}"]
        yield "| " + " | ".join([row["machine"], words.number(row["speedup"], language),
                                *said]) + " |"


def _lanes(experiment: str) -> dict[str, str]:
    if experiment == "mlp":
        return {name: name for name in graph.MLP_COLUMNS}
    if experiment == "run-and-copy":
        return {"first": _("computing"), "second": _("copying")}
    return {"first": _("first device"), "second": _("second device")}


def _say(experiment: str, times: dict[str, Any]) -> dict[str, str]:
    """What the picture says, with its controls, in the page's language."""
    say = {
        "result": _("Model, not a measurement: done after {end} ms; speed-up {speedup}, "
                    "efficiency {efficiency} (limit: {limit}). Outlined: what the end had to "
                    "wait for."),
        "limit": _("the longer part, as set here"),
        "first": _("Time of the first part, ms"), "second": _("Time of the second part, ms"),
        "n": _("Number of products"), "slots": _("Slots of temporary space (0: enough)"),
        "streams": _("Queues of the device"), "wait": _("The host waits"),
        "end": _("at the end"), "between": _("between the parts"), "call": _("in every call"),
        "again": _("Back to what was measured")}
    if experiment == "mlp":
        say |= {name: f"{name}, ms" for name in times if name != "tasks"}
        say |= {"n": _("Number of training steps"), "between": _("after every training step"),
                "call": _("after every task"),
                "limit": _("the busiest column or the longest path, whichever is longer")}
    return say


def sentence(values, jobs, runs, say, language) -> str:
    """The result in words."""
    speedup, efficiency = model.ratios(values, jobs, runs)
    end = runs[model.latest(runs)].end
    return say["result"].format(
        end=words.number(1000 * end, language, 1), speedup=words.number(speedup, language),
        efficiency=words.number(efficiency, language), limit=say["limit"])


def add_script(app, pagename, templatename, context, doctree) -> None:
    if ("schedule" in app.env.metadata.get(pagename, {})
            or 'class="step"' in context.get("body", "")):
        app.add_js_file("schedule.js", loading_method="defer")


def setup(app) -> None:
    app.add_directive("schedule", Schedule)
    app.connect("html-page-context", add_script)

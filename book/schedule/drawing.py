"""The pictures: who does what when, and what was measured beside what the model says.

They are as wide as their place, while their letters stay as large.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from . import model

#: Where no style sheet is: in what readers take along.
COLOURS = {"compute": "#3568c8", "copy": "#b85c0c", "update": "#b85c0c"}
LANE, GAP = 18, 20  # pixels: a bar's height, and that of the label above it
MACHINE = 40  # pixels: a machine's label and its points
#: A line that is seen beside the points of each machine and not in its label: it sums to `MACHINE`.
DASHES = "4 4 4 4 4 20"
#: A width at which a bar must hold its label, and that of a letter.
NARROW, LETTER = 300, 8


def picture(jobs: Sequence[model.Job], runs: Sequence[model.Run], lanes: Mapping[str, str],
            title: str, name: str = "schedule") -> str:
    """A lane per queue, a bar per job.

    :param name: unique on the page
    """
    end = runs[model.latest(runs)].end
    outlined = set(model.critical(runs))
    rows = list(lanes)
    drawn = [f'<text x="0" y="{row * (LANE + GAP) + 14}">{escape(lanes[queue])}</text>'
             for row, queue in enumerate(rows)]
    for number, (job, run) in enumerate(zip(jobs, runs, strict=True)):
        y = rows.index(job.queues[0]) * (LANE + GAP) + GAP
        start, width = 100 * run.start / end, 100 * job.seconds / end
        kind, stroke = job.kind, "#fff"
        if number in outlined:
            kind, stroke = f"{kind} critical", "#000"
        drawn.append(f'<rect class="{kind}" x="{start:.2f}%" y="{y}" width="{width:.2f}%" '
                     f'height="{LANE}" fill="{COLOURS[job.kind]}" stroke="{stroke}"/>')
        if job.label and LETTER * len(job.label) <= width * NARROW / 100:
            drawn.append(f'<text class="label" x="{start + width / 2:.2f}%" y="{y + 13}" '
                         f'text-anchor="middle" fill="#fff">{job.label}</text>')
    return _svg(title, name, len(rows) * (LANE + GAP) + 2, drawn)


def points(machines: Sequence[Mapping[str, Any]], speedup: float, most: float, title: str,
           name: str) -> str:
    """A row per machine: a point per reading, a stroke for the model with that machine's times.

    :param machines: each ``machine``, ``readings`` (speed-ups), ``model`` (a speed-up, or None)
    :param speedup: of the model above, which a dashed line shows
    :param most: the speed-up at the right edge
    """
    foot = MACHINE * len(machines)
    drawn = []
    for row, each in enumerate(machines):
        y = MACHINE * row + 30
        drawn.append(f'<text x="0" y="{y - 14}">{escape(each["machine"])}</text>'
                     f'<line class="grid" x2="100%" y1="{y}" y2="{y}" stroke="#888"/>')
        drawn += [f'<circle class="reading" cx="{100 * value / most:.2f}%" cy="{y}" r="4" '
                  f'fill="{COLOURS["compute"]}" fill-opacity=".6"/>' for value in each["readings"]]
        if each["model"] is not None:
            x = f"{100 * each['model'] / most:.2f}%"
            drawn.append(f'<line class="model" x1="{x}" x2="{x}" y1="{y - 10}" y2="{y + 10}" '
                         'stroke="currentColor" stroke-width="3"/>')
    for tick in range(1, int(most) + 1):
        drawn.append(f'<text x="{100 * tick / most:.2f}%" y="{foot + 18}" '
                     f'text-anchor="middle">{tick}</text>')
    x = f"{100 * speedup / most:.2f}%"
    drawn.append(f'<line class="current" x1="{x}" x2="{x}" y1="20" y2="{foot}" '
                 f'stroke="currentColor" stroke-dasharray="{DASHES}"/>')
    return _svg(title, name, foot + 24, drawn)


def _svg(title: str, name: str, height: float, drawn: Sequence[str]) -> str:
    return (f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="100%" '
            f'aria-labelledby="{name}-title" height="{height}" fill="currentColor" '
            f'font-size="13"><title id="{name}-title">{escape(title)}</title>'
            f'{"".join(drawn)}</svg>')

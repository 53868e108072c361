"""Plots as SVG text for a page to hold inline: its fonts, its colours, light or dark.

Nothing here knows a language: ``words`` holds the strings, ``alt`` (the picture in words)
among them, and ``decimal`` if the decimal sign is no point.  Data are drawn in the CSS
variables of `COLOURS`, all else in ``currentColor``.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from math import log10
from statistics import median
from xml.etree import ElementTree

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullLocator

from .trace import KINDS, Bar, merge_small, natural_key

#: Drawn for the narrowest place, a fold on a phone of 360 pixels: 310 are left there, which makes
#: 11.3 pixels of text of 10.5 units in a picture of 4 inches, or 288 units.
WIDTH, TEXT = 4.0, 10.5
LANE = 30  # units of height that a lane of a timeline takes
INK = "#010203"
#: What Matplotlib draws -> what the page sees.
COLOURS = {INK: "currentColor",
           "#0000c1": "var(--evidence-compute, #3b74d8)",
           "#0000c2": "var(--evidence-copy, #d0741b)",
           "#0000c3": "var(--evidence-enqueue, #a9b4c6)",
           "#0000c4": "var(--evidence-grid, rgba(128, 128, 128, .3))"}
_, COMPUTE, COPY, ENQUEUE, GRID = COLOURS
#: Bars differ by height too: bottom and top within a lane, the middle being 0.
BARS = dict(zip(KINDS, ((COMPUTE, -0.36, 0.36), (COPY, -0.16, 0.16), (ENQUEUE, -0.36, 0.36))))
STYLE = {"svg.fonttype": "none", "font.size": TEXT, "text.color": INK, "axes.labelcolor": INK,
         "axes.edgecolor": INK, "xtick.color": INK, "ytick.color": INK, "axes.linewidth": 0.8,
         "axes.spines.top": False, "axes.spines.right": False, "axes.facecolor": "none",
         "figure.facecolor": "none", "legend.frameon": False, "legend.borderaxespad": 0.2,
         "axes.unicode_minus": False, "legend.handlelength": 1.4}


def timeline_svg(bars: list[Bar], words: dict[str, str], prefix: str = "t") -> str:
    """A row per lane, a bar per operation; a copy is low, what is enqueued is pale.

    :param bars: list of `evidence.trace.Bar`
    :param words: ``compute``, ``copy``, ``enqueue``, ``milliseconds``, ``alt``
    :param prefix: unique on the page; the SVG's ids begin with it
    """
    lanes = sorted({bar.lane for bar in bars}, key=natural_key)
    end = max((bar.end for bar in bars), default=0.001)
    kinds = [kind for kind in KINDS if any(bar.kind == kind for bar in bars)]

    def draw(axes: Axes) -> None:
        for row in range(len(lanes)):
            axes.axhline(row, color=GRID, linewidth=0.8, zorder=0)
        for kind in kinds:
            colour, bottom, top = BARS[kind]
            boxes = [((b.start, b.end), lanes.index(b.lane))
                     for b in merge_small(bars, end / 400) if b.kind == kind]
            axes.add_patch(PathPatch(_boxes(boxes, bottom, top, end / 350), facecolor=colour,
                                     edgecolor="none", clip_on=False))
        axes.set(xlim=(0, 1000 * end), ylim=(max(len(lanes), 1) - 0.45, -0.55),
                 xlabel=words["milliseconds"])
        axes.set_yticks(range(len(lanes)), lanes)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        handles = [Line2D([], [], color=BARS[kind][0], solid_capstyle="butt",
                          linewidth=12 * (BARS[kind][2] - BARS[kind][1])) for kind in kinds]
        _legend(axes, handles, [words[kind] for kind in kinds])

    return _svg(draw, 62 + LANE * len(lanes), words, prefix)


def pair_svg(rows: list[tuple[str, list[float]]], words: dict[str, str],
             marks: dict[str, float] | None = None, prefix: str = "p") -> str:
    """A row per work: each reading a dot, the median an upright line; dashed lines for marks.

    :param rows: list of (label, seconds of each reading)
    :param words: ``milliseconds`` (``seconds`` from ten on), ``alt``
    :param marks: dict, label -> seconds
    """
    marks = dict(sorted((marks or {}).items(), key=lambda mark: mark[1]))
    largest = max([*marks.values(), *(max(seconds) for _, seconds in rows)])
    unit, scale = _unit(largest, words)
    right = largest * scale * 1.04
    low = len(rows) - 0.6

    def draw(axes: Axes) -> None:
        for row, (label, seconds) in enumerate(rows):
            axes.axhline(row, color=GRID, linewidth=0.8, zorder=0)
            # Readings lie close: three heights in turn show how many there are.
            axes.plot([scale * s for s in seconds],
                      [row + 0.11 * (i % 3 - 1) for i in range(len(seconds))], "o",
                      markersize=4.5, color=COMPUTE, alpha=0.75, markeredgewidth=0, clip_on=False)
            middle = scale * median(seconds)
            axes.barh(row, middle, 0.3, color=COMPUTE, alpha=0.25, zorder=1)
            axes.plot([middle, middle], [row - 0.24, row + 0.24], color=INK, linewidth=2.2,
                      solid_capstyle="butt", clip_on=False)
            axes.text(0, row - 0.32, label, va="bottom")
        for i, (label, mark) in enumerate(marks.items()):
            x, top = scale * mark, -0.8 - 0.42 * (len(marks) - i)
            axes.plot([x, x], [low, top], color=COPY, linewidth=1.3, clip_on=False,
                      linestyle=("--", (0, (1.5, 1.5)))[i % 2])
            side = x > right / 2
            axes.text(x + (-0.012 if side else 0.012) * right, top + 0.02, label, va="top",
                      ha="right" if side else "left")
        axes.set(xlim=(0, right), ylim=(low, -0.75 - 0.42 * len(marks)), xlabel=unit)
        axes.yaxis.set_major_locator(NullLocator())
        axes.spines["left"].set_visible(False)

    return _svg(draw, 42 + 34 * (len(rows) + 0.15 + 0.42 * len(marks)), words, prefix)


def curve_svg(x: Sequence[float], series: dict[str, list[float]], words: dict[str, str],
              crossings: Sequence[float] = (), prefix: str = "c") -> str:
    """Lines over sizes, both logarithmic, and an upright line where two cross.

    :param x: sizes, rising
    :param series: dict, label -> positive values at each size
    :param words: ``unit`` (of the values), ``size``, ``alt``
    """
    values = [value for line in series.values() for value in line]
    decades = log10(max(values) / min(values))

    def draw(axes: Axes) -> None:
        axes.set_xscale("log")
        axes.set_yscale("log")
        looks = zip((COMPUTE, COPY, INK, ENQUEUE), ("-", "--", "-.", ":"), "osD^")
        for (label, line_values), (colour, line, marker) in zip(series.items(), looks):
            axes.plot(x, line_values, color=colour, linestyle=line,
                      marker=marker, markersize=4.5, linewidth=1.5, label=label, clip_on=False)
        for i, crossing in enumerate(crossings):
            axes.axvline(crossing, color=INK, linewidth=1, linestyle=(0, (2, 2)))
            axes.annotate(f"≈ {crossing:.0f}", (crossing, 1), (0, 2 + 12 * (i % 2)),
                          ("data", "axes fraction"), "offset points", ha="center")
        ticks = list(x)[:: -(-len(x) // 8)]
        axes.xaxis.set_major_locator(FixedLocator(ticks))
        axes.yaxis.set_major_locator(
            LogLocator(subs=(1, 2, 5) if decades < 2.5 else (1,), numticks=12))
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_minor_locator(NullLocator())
        axes.set(xlabel=words.get("size", ""), ylabel=words["unit"])
        axes.grid(axis="y", color=GRID, linewidth=0.8)
        _legend(axes, *axes.get_legend_handles_labels())

    return _svg(draw, 215, words, prefix)


def _boxes(boxes: list[tuple], bottom: float, top: float, gap: float) -> Path:
    """One path of rectangles, in ms.  Neighbours stay ``gap`` apart, none is narrower."""
    corners = []
    for (start, end), row in boxes:
        end = max(end - gap, start + gap)
        corners += [(1000 * t, row + y) for t, y in
                    ((start, bottom), (end, bottom), (end, top), (start, top), (start, bottom))]
    codes = [Path.MOVETO, *[Path.LINETO] * 3, Path.CLOSEPOLY] * len(boxes)
    return Path(corners, codes)


def _legend(axes: Axes, handles: list, labels: list[str]) -> None:
    if handles:
        columns = len(handles) if sum(map(len, labels)) < 36 else 1
        axes.figure.legend(handles, labels, ncol=columns, loc="outside upper left",
                           columnspacing=1.4)


def _unit(largest: float, words: dict[str, str]) -> tuple[str, int]:
    return (words["seconds"], 1) if largest >= 10 else (words["milliseconds"], 1000)


def _svg(draw: Callable[[Axes], None], height: float, words: dict[str, str], prefix: str) -> str:
    """The SVG of what ``draw(axes)`` draws, ``height`` units high."""
    number = FuncFormatter(
        lambda value, _: f"{value:.6g}".replace(".", words.get("decimal", ".")))
    with matplotlib.rc_context():
        matplotlib.rcdefaults()  # a notebook may have changed them
        matplotlib.rcParams.update(STYLE | {"svg.hashsalt": prefix})
        figure = Figure((WIDTH, height / 72), layout="constrained")
        FigureCanvasSVG(figure)
        axes = figure.add_subplot()
        axes.xaxis.set_major_locator(MaxNLocator(6))
        draw(axes)
        axes.xaxis.set_major_formatter(number)
        if axes.get_yscale() == "log":
            axes.yaxis.set_major_formatter(number)
        text = io.BytesIO()
        figure.savefig(text, format="svg")
    return _inline(text.getvalue(), words["alt"], re.sub(r"[^\w-]", "-", prefix))


def _inline(text: bytes, alt: str, prefix: str) -> str:
    """Matplotlib's SVG fit for a page: unique ids, the page's fonts and colours, a title."""
    old = ElementTree.fromstring(text)
    old.attrib.pop("version", None)
    used = set(re.findall(rb'(?:url\(|href=")#([^)"]+)', text))
    for parent in old.iter():
        parent.tag = parent.tag.split("}")[-1]  # one namespace, so none has to be written
        for child in list(parent):
            # A style sheet would style the page; invisible backgrounds are nothing.
            if child.tag.endswith(("metadata", "style")) or child.get("style") == "fill: none":
                parent.remove(child)
        for name, value in list(parent.attrib.items()):
            del parent.attrib[name]
            if name == "id":
                if value.encode() not in used:
                    continue
                value = f"{prefix}-{value}"
            elif name == "style":
                value = re.sub(r"font: [^;]*;? ?", "", value)
            elif name in ("d", "x", "y", "transform"):
                value = re.sub(r"-?\d+\.\d+", lambda m: f"{round(float(m[0]), 2):g}", value)
                value = re.sub(r"rotate\(-?0 [^)]*\)", "", " ".join(value.split()))
            value = re.sub(r"(^|url\()#", rf"\1#{prefix}-", value)
            if value:
                parent.set(name.split("}")[-1], value)
    root = ElementTree.Element("svg", {
        "xmlns": "http://www.w3.org/2000/svg", **old.attrib, "role": "img",
        "aria-labelledby": f"{prefix}-title", "fill": "currentColor", "font-size": f"{TEXT}",
        "stroke-linejoin": "round", "style": "max-width:100%;height:auto"})
    ElementTree.SubElement(root, "title", id=f"{prefix}-title").text = alt
    root.extend(old)
    drawn = ElementTree.tostring(root, encoding="unicode")
    for sentinel, colour in COLOURS.items():
        drawn = drawn.replace(sentinel, colour)
    return re.sub(r">\s+<", "><", drawn)

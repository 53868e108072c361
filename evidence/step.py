"""A training step of the MLP: its graph, and under it who did which task when.

The chapter's figure lies on its side here: its columns are rows, in the order of the timeline's
lanes.  What is drawn is SVG text without Matplotlib, legible at 300 pixels; `_static/schedule.js`
lets a reader touch it.  Bars belong to tasks by the ranges that the frameworks wrote (`Bar.task`).
"""

from __future__ import annotations

import json
import math
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import groupby
from typing import Any

from . import words
from .graph import MLP_COLUMNS, MLP_NEXT, MLP_ROWS, Task, arrows
from .trace import Bar

SENTENCES = {
    "en": {
        "given": "{task} is there from the start.",
        "unseen": "{task}: this trace has no bar of it.",
        "ran": "{task}: from {start} to {end} ms.",
        "needs": "Of what it needs, {last} was done last, at {time} ms.",
        "early": "Some of its operations do without that and ran before.",
        "ready": "All that it needs was there from the start.",
        "lane": "Its lane was free from {time} ms on, after {task}.",
        "operation": "Its lane was free from {time} ms on, after an operation of {task}.",
        "copied": "Its copies were done at {time} ms.",
        "gap": "{gap} ms of waiting are left, which the trace does not explain.",
        "next": "{tasks} need it.", "one": "{tasks} needs it."},
    "vi": {
        "given": "{task} có sẵn từ đầu.",
        "unseen": "{task}: dòng thời gian này không có thanh nào của nó.",
        "ran": "{task}: từ {start} đến {end} ms.",
        "needs": "Trong những gì nó cần, {last} xong sau cùng, lúc {time} ms.",
        "early": "Một số thao tác của nó không cần đến điều đó nên đã chạy trước.",
        "ready": "Mọi thứ nó cần đều có sẵn từ đầu.",
        "lane": "Làn của nó rảnh từ {time} ms, sau {task}.",
        "operation": "Làn của nó rảnh từ {time} ms, sau một thao tác của {task}.",
        "copied": "Việc sao chép cho nó xong lúc {time} ms.",
        "gap": "Còn lại {gap} ms chờ mà dòng thời gian không giải thích được.",
        "next": "{tasks} cần nó.", "one": "{tasks} cần nó."},
}
#: What the buttons of `schedule.js` say, and the two pictures.
SAY = {
    "en": {"graph": "The tasks of the step: arrows lead from what is needed to who needs it.",
           "previous": "Previous task", "next": "Next task", "closer": "Zoom in",
           "wider": "Zoom out", "timeline": "The timeline of the step",
           "hint": "Touch a task or a bar, or go through the step with the buttons or the arrow "
                   "keys."},
    "vi": {"graph": "Các tác vụ của bước: mũi tên đi từ thứ được cần đến nơi cần nó.",
           "previous": "Tác vụ trước", "next": "Tác vụ sau", "closer": "Phóng to",
           "wider": "Thu nhỏ", "timeline": "Dòng thời gian của bước",
           "hint": "Hãy chạm vào một tác vụ hay một thanh, hoặc đi qua từng tác vụ bằng các nút "
                   "hay phím mũi tên."},
}

#: Of the graph: a box, the distance of two, the height of a lane's band.
BOX, SIDE, BAND = (48, 32), 58, 62
#: Of the timeline, in pixels: a lane, where in it the names and the bars stand, a bar.
LANE, NAMES, BARS, HEIGHT = 56, 30, 34, 16
#: Half of what a bar of each kind has of that height.
PARTS = {"compute": 0.5, "copy": 0.25, "enqueue": 0.5}
#: A width at which names don't run into each other, and that of a letter.
NARROW, LETTER = 300, 7
#: What `read_trace` calls a thread.
THREAD = re.compile(r"thread \d+")
COLOURS = {"CPU": "var(--evidence-copy, #d0741b)"}
COLOUR = "var(--evidence-compute, #3b74d8)"


@dataclass(frozen=True)
class Moment:
    """When a task ran, in seconds: from its own lane's first bar to the end of its last."""

    start: float
    end: float
    lane: str


def tasks_of(data: dict[str, Any]) -> list[Task]:
    return [Task(each["name"], "", each["lane"], tuple(each["needs"])) for each in data["tasks"]]


def symbol(name: str) -> str:
    """What the figure calls a task: its name without the number of its device."""
    return re.sub(r" \d+$", "", name)


def title(task: Task) -> str:
    return f"{_text(task.name)} ({task.lane})"


def placed(bars: Sequence[Bar], tasks: Sequence[Task]) -> list[Bar]:
    """``bars`` in the order of the figure's columns, whose names their lanes now begin with.

    A device stands in the column whose tasks it computed the longest; a stream, with its GPU.
    Threads have their numbers in this order: which of them began first differs from run to run.
    """
    columns = {task.name: task.lane for task in tasks}
    seconds: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for bar in bars:
        if bar.task in columns:
            seconds[_device(bar)][columns[bar.task]][bar.kind != "compute"] += bar.end - bar.start
    column = {device: max(own, key=own.__getitem__) for device, own in seconds.items()}
    order = {name: number for number, name in enumerate(MLP_COLUMNS)}
    first: dict[str, float] = {}
    for bar in bars:
        first[bar.lane] = min(bar.start, first.get(bar.lane, math.inf))
    ordered = sorted(bars, key=lambda bar: (
        order.get(column.get(_device(bar), ""), len(order)), first[bar.lane], bar.lane, bar.start))
    threads = dict.fromkeys(bar.lane for bar in ordered if THREAD.fullmatch(bar.lane))
    names = {lane: f"thread {number}" for number, lane in enumerate(threads, 1)}

    def lane(bar: Bar) -> str:
        name = names.get(bar.lane, bar.lane)
        return f"{column[_device(bar)]}: {name}" if _device(bar) in column else name

    return [replace(bar, lane=lane(bar)) for bar in ordered]


def _device(bar: Bar) -> str:
    return bar.lane.partition(" stream ")[0]


def moments(bars: Sequence[Bar], tasks: Sequence[Task]) -> dict[str, Moment]:
    """Of each task that has bars, when it ran; ``bars`` as `placed` returns them."""
    seen = {}
    for task in tasks:
        all_of_it = [bar for bar in bars if bar.task == task.name]
        work = [bar for bar in all_of_it if bar.kind != "enqueue"] or all_of_it
        own = [bar for bar in work if bar.lane.startswith(f"{task.lane}:")] or work
        if own:
            begin = min(own, key=lambda bar: bar.start)
            seen[task.name] = Moment(begin.start, max(bar.end for bar in work), begin.lane)
    return seen


def sentences(bars: Sequence[Bar], tasks: Sequence[Task], language: str) -> dict[str, str]:
    """What is said of each task: when it ran, what it needed and waited for, who needs it."""
    say, when = SENTENCES[language], moments(bars, tasks)
    names = {task.name: title(task) for task in tasks}
    end = max((bar.end for bar in bars), default=0.0)
    digits = 1 if end >= 0.01 else 2

    def ms(seconds: float) -> str:
        return words.number(1000 * seconds, language, digits)

    def parts(task: Task) -> Iterator[str]:
        moment = when.get(task.name)
        if not task.needs:
            yield say["given"].format(task=names[task.name])
        elif moment is None:
            yield say["unseen"].format(task=names[task.name])
        else:
            yield say["ran"].format(task=names[task.name], start=ms(moment.start),
                                    end=ms(moment.end))
            yield from waits(task, moment)
        after = [names[each.name] for each in tasks if task.name in each.needs]
        if after:
            yield say["one" if len(after) == 1 else "next"].format(tasks=words.series(after))

    def waits(task: Task, moment: Moment) -> Iterator[str]:
        needs = {name: when[name].end for name in task.needs if name in when}
        ready = max(needs.values(), default=0.0)
        if needs:
            last = max(needs, key=needs.__getitem__)
            yield say["needs"].format(last=names[last], time=ms(ready))
        else:
            yield say["ready"]
        if ready > moment.start:
            yield say["early"]
            return
        before = [bar for bar in bars if bar.lane == moment.lane and bar.end <= moment.start
                  and bar.task != task.name]
        if before:
            last_one = max(before, key=lambda bar: bar.end)
            ready = max(ready, last_one.end)
            if last_one.task in names:
                goes_on = when[last_one.task].end > last_one.end
                yield say["operation" if goes_on else "lane"].format(
                    time=ms(last_one.end), task=names[last_one.task])
        copies = [bar.end for bar in bars if bar.task == task.name and bar.kind == "copy"
                  and bar.end <= moment.start]
        if copies:
            ready = max(ready, *copies)
            yield say["copied"].format(time=ms(max(copies)))
        if moment.start - ready > end / 50:
            yield say["gap"].format(gap=ms(moment.start - ready))

    return {task.name: " ".join(parts(task)) for task in tasks}


def drawing(data: dict[str, Any], language: str, prefix: str, alt: str) -> str:
    """The graph and the timeline as HTML.

    :param data: a timeline whose bars are marked
    :param prefix: unique on the page; ids begin with it
    :param alt: the timeline in words
    """
    tasks = tasks_of(data)
    bars = placed([Bar(*bar) for bar in data["bars"]], tasks)
    prefix, say = re.sub(r"[^\w-]", "-", prefix), SAY[language]
    graph = _graph(tasks, sentences(bars, tasks, language), prefix, say["graph"])
    timeline = _timeline(bars, tasks, language, prefix, alt)
    return (f'<div class="step" data-step="{escape(json.dumps(_facts(bars, tasks, say)))}">{graph}'
            f'<div class="step-scroll">{timeline}</div></div>')


def _facts(bars: Sequence[Bar], tasks: Sequence[Task], say: dict[str, str]) -> dict[str, Any]:
    """What `schedule.js` has to know of the tasks, by their numbers."""
    numbers = {task.name: number for number, task in enumerate(tasks)}
    end, when = max(bar.end for bar in bars), moments(bars, tasks)
    begun = sorted(when, key=lambda name: when[name].start)
    return {"names": [title(task) for task in tasks],
            "needs": [[numbers[need] for need in task.needs] for task in tasks],
            "order": [numbers[name] for name in begun],
            "starts": {numbers[name]: round(when[name].start / end, 4) for name in begun},
            "say": say}


def _element(tag: str, *inside: str, **attributes: Any) -> str:
    """``_`` in an attribute's name stands for ``-``; one that is None is left out."""
    written = "".join(f' {name.strip("_").replace("_", "-")}="{value}"'
                      for name, value in attributes.items() if value is not None)
    return f"<{tag}{written}>{''.join(inside)}</{tag}>"


def _svg(title_id: str, alt: str, *inside: str, **attributes: Any) -> str:
    return _element("svg", _element("title", escape(alt), id=title_id), *inside, role="img",
                    xmlns="http://www.w3.org/2000/svg", aria_labelledby=title_id,
                    fill="currentColor", **attributes)


def _graph(tasks: Sequence[Task], said: dict[str, str], prefix: str, alt: str) -> str:
    by_name = {task.name: task for task in tasks}
    numbers = {name: number for number, name in enumerate(by_name)}
    lanes = [lane for lane in MLP_COLUMNS if any(task.lane == lane for task in tasks)]
    width, height = BOX

    def place(name: str) -> tuple[float, float]:
        return SIDE * (_row(name) + 0.5), BAND * lanes.index(by_name[name].lane) + 40

    def arrow(route: str, **attributes: Any) -> str:
        return _element("path", d=route, fill="none", stroke="currentColor", stroke_opacity=".6",
                        marker_end=f"url(#{prefix}-tip)", **attributes)

    parts = [_element("text", lane, x=2, y=BAND * row + 15, font_weight="bold")
             for row, lane in enumerate(lanes)]
    for start, end in arrows(list(tasks)):
        (x, y), (u, v) = place(start), place(end)
        edge = math.copysign(height / 2, v - y)
        parts.append(arrow(
            f"M{x + width / 2:g} {y}H{u - width / 2 - 1:g}" if y == v else
            f"M{x:g} {y + edge:g}V{v - edge - math.copysign(1, edge):g}",
            class_=f"arrow f{numbers[start]} t{numbers[end]}"))
    for start, end in MLP_NEXT.items():  # new weights, for the next step
        (x, y), (u, _) = place(start), place(end)
        around = _row(start) - _row(end) > 2  # another box stands between them
        parts.append(arrow(
            f"M{x + 12:g} {y + height / 2:g}v7H{u - 12:g}v-6" if around else
            f"M{x - width / 2:g} {y}H{u + width / 2 + 1:g}", stroke_dasharray="4 3"))
    for name, number in numbers.items():
        x, y = place(name)
        lane = by_name[name].lane
        parts.append(_element(
            "g", _element("title", escape(said[name])),
            _element("rect", x=f"{x - width / 2:g}", y=f"{y - height / 2:g}", width=width,
                     height=height, rx=5, fill="none", pointer_events="all", stroke_width=1.5,
                     stroke=COLOURS.get(lane, COLOUR)),
            _element("text", _text(name), x=f"{x:g}", y=y + 5, text_anchor="middle"),
            class_=f"task t{number}"))
    tip = _element("marker", _element("path", d="M0 0L8 4L0 8z"), id=f"{prefix}-tip",
                   viewBox="0 0 8 8", refX=7, refY=4, markerWidth=6, markerHeight=6, orient="auto")
    return _svg(f"{prefix}-graph", alt, _element("defs", tip), *parts, class_="step-graph",
                viewBox=f"0 0 {SIDE * len(MLP_ROWS)} {BAND * len(lanes) + 4}", font_size=13,
                style="width:100%;max-width:27em;height:auto")


def _row(name: str) -> int:
    return MLP_ROWS.index(symbol(name).removeprefix("Σ "))


def _text(name: str) -> str:
    """What stands in a box: the parts of the data have their numbers there."""
    return f"X{'₁₂₃₄'[int(name[2:]) - 1]}" if symbol(name) == "X" else symbol(name)


def _timeline(bars: Sequence[Bar], tasks: Sequence[Task], language: str, prefix: str, alt: str
              ) -> str:
    numbers = {task.name: number for number, task in enumerate(tasks)}
    end, parts = max(bar.end for bar in bars), []
    lanes = list(dict.fromkeys(bar.lane for bar in bars))
    for row, lane in enumerate(lanes):
        top, colour = LANE * row, COLOURS.get(lane.partition(":")[0], COLOUR)
        parts.append(_element("text", escape(lane), class_="lane", x=0, y=top + 13))
        own = sorted((bar for bar in bars if bar.lane == lane), key=lambda bar: bar.start)
        free = 0.0  # where the last name ends
        for task, run in groupby(own, lambda bar: bar.task):
            together = list(run)
            drawn = [_bar(bar, top, end, colour) for bar in together]
            if task in numbers:
                start, stop = (NARROW * moment / end for moment in (
                    together[0].start, max(bar.end for bar in together)))
                length = LETTER * len(symbol(task))
                left = min(max(start, free), NARROW - length)
                fits = free <= left <= max(stop, start + LETTER)
                free = left + length + LETTER / 2 if fits else free
                name = _element("text", symbol(task), y=top + NAMES,
                                x=_percent((left if fits else min(start, NARROW - length))
                                           / NARROW),
                                visibility=None if fits else "hidden")
                x = _percent(together[0].start / end)
                begin = _element("line", x1=x, x2=x, y1=top + BARS - 4, y2=top + BARS + HEIGHT + 2,
                                 stroke="currentColor")
                drawn = [_element("g", *drawn, begin, name, class_=f"task t{numbers[task]}")]
            parts += drawn
    foot = LANE * len(lanes)
    parts.append(_element("line", x2="100%", y1=foot, y2=foot, stroke="currentColor"))
    for tick in _ticks(1000 * end):
        x = _percent(tick / (1000 * end))
        parts += [_element("line", x1=x, x2=x, y1=foot - 2, y2=foot + 2, stroke="currentColor"),
                  _element("text", words.number(tick, language, 0 if tick == int(tick) else 1),
                           x=x, y=foot + 14, text_anchor="middle" if tick else None)]
    parts.append(_element("text", words.label("milliseconds", language), x=0, y=foot + 29))
    return _svg(f"{prefix}-title", alt, *parts, class_="step-time", width="100%",
                height=foot + 34, font_size=12,
                style=f"display:block;max-width:none;height:{foot + 34}px")


def _bar(bar: Bar, top: float, end: float, colour: str) -> str:
    half = HEIGHT * PARTS[bar.kind]
    if bar.kind == "enqueue":
        colour = "var(--evidence-enqueue, #a9b4c6)"
    return _element("rect", x=_percent(bar.start / end), y=f"{top + BARS + HEIGHT / 2 - half:g}",
                    width=_percent((bar.end - bar.start) / end), height=f"{2 * half:g}",
                    fill=colour, stroke=colour, stroke_width=".6")


def _percent(share: float) -> str:
    return f"{100 * share:.2f}%"


def _ticks(end: float) -> Iterator[float]:
    """A few round numbers from 0 to ``end``."""
    power = 10 ** math.floor(math.log10(end / 4))
    side = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= end / 4)
    for number in range(int(end / side) + 1):
        yield round(number * side, 6)

"""Who worked when: the traces of MXNet's and PyTorch's profilers.  Standard library only."""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_left
from collections import defaultdict, namedtuple
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import unquote

KINDS = ("compute", "copy", "enqueue")
#: Categories of events that are work, and who writes them; all other categories are skipped
#: (memory counters, calls of an API, Python frames, ...).
WORK = {"operator": "mxnet", "Custom Operator": "mxnet", "cpu_op": "thread", "kernel": "gpu",
        "gpu_memcpy": "gpu", "gpu_memset": "gpu", **dict.fromkeys(KINDS, "evidence")}
#: What MXNet's engine does for itself, although it calls it an operator.
HOUSEKEEPING = {"DeleteVariable", "WaitForVar", "Custom", "CustomOperatorWait", "pure_python"}
#: Categories of PyTorch's ranges, and of the calls that start work of a GPU.
RANGE, CALLS = "user_annotation", ("cuda_runtime", "cuda_driver")
COPIES = re.compile(r"copy|cpy|^aten::(clone|to|contiguous)$", re.IGNORECASE)
LAUNCHES = re.compile("launch|memcpy|memset", re.IGNORECASE)

#: Times in microseconds; ``task`` is what the event itself says, ``call`` the number that a
#: GPU's work shares with the call that started it.
_Span = namedtuple("_Span", "start end category name pid tid task call")


@dataclass(frozen=True)
class Bar:
    """An operation in a lane, from ``start`` to ``end`` seconds; ``kind`` is one of KINDS.

    ``task`` is the name of the range that marks it: in MXNet's traces the custom operator in
    which it was called, in PyTorch's the innermost ``record_function`` around the call.
    """

    lane: str
    name: str
    start: float
    end: float
    kind: str
    task: str = ""


class TraceError(ValueError):
    """What is wrong with a trace."""


def read_trace(source: Any) -> list[Bar]:
    """The operations of a Chrome trace.

    :param source: a path, JSON text, or the object that such a text stands for
    :returns: list of `Bar`, sorted by lane and start; the first start is 0.  Of operations
        nested in one another only the outermost is there.
    :raises TraceError: not readable, not JSON, not a trace
    """
    events = _events(source)
    spans, launches, ends = [], defaultdict(list), defaultdict(lambda: -math.inf)
    ranges, calls = defaultdict(list), {}
    for span in sorted(_spans(events), key=lambda s: (s[0], -s[1], *map(str, s[2:]))):
        if span.category == RANGE:
            ranges[span.pid, span.tid].append(span)
        elif span.category in CALLS:
            calls[span.call] = span
            if LAUNCHES.search(span.name):
                launches[span.pid, span.tid].append(span.start)
        elif (span.category in WORK and span.name not in HOUSEKEEPING
              and span.end > ends[_place(span)]):
            ends[_place(span)] = span.end
            spans.append(span)
    lanes = _lanes(spans, events)
    seconds = lambda time: round((time - spans[0].start) / 1e6, 9)  # noqa: E731
    return sorted((Bar(lanes[_place(span)], span.name, seconds(span.start), seconds(span.end),
                       _kind(span, launches[span.pid, span.tid]), _task(span, ranges, calls))
                   for span in spans),
                  key=lambda bar: (bar.lane, bar.start))


def overlap(bars: list[Bar]) -> dict[str, float]:
    """Seconds in which at least one lane (``busy``), at least two (``shared``) work.

    ``share`` is shared/busy, 0.0 where nothing works.  To enqueue is not to work.
    """
    ends, steps = {}, []
    for bar in sorted(bars, key=lambda bar: bar.start):
        start = max(bar.start, ends.get(bar.lane, bar.start))  # a lane counts once
        if bar.kind != "enqueue" and start < bar.end:
            ends[bar.lane] = bar.end
            steps += [(start, 1), (bar.end, -1)]
    busy = shared = before = 0.0
    working = 0
    for time, step in sorted(steps):
        busy += (working > 0) * (time - before)
        shared += (working > 1) * (time - before)
        before, working = time, working + step
    return {"busy": busy, "shared": shared, "share": shared / busy if busy else 0.0}


def task_seconds(bars: list[Bar]) -> dict[str, float]:
    """Seconds of work of each task, the median of its repetitions.

    :param bars: of a run in which each task was waited for before the next began
    """
    work = sorted((bar for bar in bars if bar.kind != "enqueue"), key=lambda bar: bar.start)
    seconds = defaultdict(list)
    for task, own in groupby(work, key=lambda bar: bar.task):
        seconds[task].append(overlap(list(own))["busy"])
    return {task: median(each) for task, each in seconds.items()}


def chrome_trace(bars: list[Bar]) -> dict[str, Any]:
    """``bars`` as an object of Chrome's trace format, which Perfetto and `read_trace` read."""
    lanes = {lane: i for i, lane in enumerate(
        sorted({bar.lane for bar in bars}, key=natural_key), 1)}
    meta = [("process_name", 0, "evidence"), *(("thread_name", lanes[k], k) for k in lanes)]
    return {"displayTimeUnit": "ms", "traceEvents": [
        *({"ph": "M", "name": name, "pid": 1, "tid": tid, "args": {"name": value}}
          for name, tid, value in meta),
        *({"ph": "X", "cat": bar.kind, "name": bar.name, "pid": 1, "tid": lanes[bar.lane],
           "ts": round(bar.start * 1e6, 3), "dur": round((bar.end - bar.start) * 1e6, 3),
           **({"args": {"task": bar.task}} if bar.task else {})}
          for bar in bars)]}


def natural_key(lane: str) -> list[int | str]:
    """What sorts "thread 2" before "thread 10"."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", lane)]


def merge_small(bars: list[Bar], resolution: float) -> list[Bar]:
    """``bars``, sorted; one for neighbours that a plot of ``resolution`` seconds cannot part."""
    merged = []
    for bar in sorted(bars, key=lambda bar: (bar.lane, bar.start)):
        last = merged[-1] if merged else None
        if last and (last.lane, last.kind) == (bar.lane, bar.kind) and (
                bar.start - last.end < resolution
                and min(bar.end - bar.start, last.end - last.start) < resolution):
            merged[-1] = replace(last, end=max(last.end, bar.end))
        else:
            merged.append(bar)
    return merged


def _events(source: Any) -> list[dict[str, Any]]:
    """The list of events; the format lets an array end without its bracket."""
    if isinstance(source, (str, Path)):
        text = str(source).lstrip()
        try:
            if isinstance(source, Path) or text[:1] not in ("{", "["):
                text = Path(source).read_text("utf-8").strip()
            try:
                source = json.loads(text)
            except ValueError:
                if not text.startswith("["):
                    raise
                source = json.loads(text.rstrip().rstrip(",") + "]")
        except (OSError, ValueError) as error:
            raise TraceError(f"cannot read the trace: {error}") from error
    events = source.get("traceEvents") if isinstance(source, dict) else source
    if not isinstance(events, list):
        raise TraceError("not a trace: neither a list of events nor an object with traceEvents")
    for event in events:
        if not isinstance(event, dict) or not isinstance(event.get("args") or {}, dict) or any(
                isinstance(event.get(place), (list, dict)) for place in ("pid", "tid", "cat")):
            raise TraceError(f"not a trace: {event!r} among the events")
    return events


def _spans(events: list[dict[str, Any]]) -> Iterator[_Span]:
    """Complete events, and pairs of B and E, as `_Span`; what has no partner is dropped."""
    threads = defaultdict(list)
    for event in events:
        if event.get("ph") == "X":
            start = _microseconds(event, "ts")
            yield _span(event, start, start + _microseconds(event, "dur"))
        elif event.get("ph") in ("B", "E"):
            threads[event.get("pid"), event.get("tid")].append((_microseconds(event, "ts"), event))
    for halves in threads.values():
        yield from _pairs(halves)


def _pairs(halves: list[tuple[float, dict[str, Any]]]) -> Iterator[_Span]:
    """The pairs of B and E of one thread.

    The format has them in order of time, so within one moment the file's order counts.  MXNet
    keeps no order: there an E comes first, since whole microseconds make operators touch, and
    one that ends nothing waits for the B of its name.
    """
    in_order = halves == sorted(halves, key=lambda half: half[0])
    if not in_order:
        halves = sorted(halves, key=lambda half: (
            half[0], half[1]["ph"] == "B", str(half[1].get("name"))))
    opened, waiting = [], []
    for time, event in halves:
        name = event.get("name")  # an E need not have one
        if event["ph"] == "B":
            if (time, name) in waiting:
                waiting.remove((time, name))
                yield _span(event, time, time)
            else:
                opened.append((time, event))
            continue
        for i in reversed(range(len(opened))):
            if name in (None, opened[i][1].get("name")):
                start, begun = opened.pop(i)
                yield _span(begun, start, time)
                break
        else:
            if not in_order:
                waiting.append((time, name))


def _span(event: dict[str, Any], start: float, end: float) -> _Span:
    pid, tid, args = event.get("pid"), event.get("tid"), event.get("args") or {}
    name, writer = str(event.get("name")), WORK.get(event.get("cat", ""))
    task = str(args.get("task", "")) if writer == "evidence" else ""
    if writer == "gpu":
        pid, tid = args.get("device", pid), args.get("stream", tid)
    elif event.get("cat") == RANGE:  # as `torch_task` writes it
        name = unquote(name)
    elif event.get("cat") == "Custom Operator":  # its name, two colons, the operation's
        task, _, name = name.rpartition("::")
        if name.startswith("Resource"):  # seeds that MXNet prepares then, anywhere, for later
            task = ""
    return _Span(start, end, event.get("cat"), name, pid, tid, task, args.get("correlation"))


def _microseconds(event: dict[str, Any], field: str) -> float:
    value = event.get(field)
    if not isinstance(value, (int, float)) or not math.isfinite(value):
        raise TraceError(f"event {event.get('name')!r}: its {field} is {value!r}, not a number")
    if field == "dur" and value < 0:
        raise TraceError(f"event {event.get('name')!r} ends before it starts")
    return value


def _place(span: _Span) -> tuple:
    return WORK[span.category], span.pid, span.tid


def _lanes(spans: list[_Span], events: list[dict[str, Any]]) -> dict[tuple, str]:
    """What a reader calls each place; threads are numbered in order of their first use."""
    names = {(event.get("name"), event.get("pid"), event.get("tid")): event["args"]["name"]
             for event in events if event.get("ph") == "M" and "name" in (event.get("args") or ())}
    processes = {pid: name for (what, pid, _), name in names.items() if what == "process_name"}
    lanes, rows = {}, defaultdict(list)
    for place in dict.fromkeys(map(_place, spans)):
        family, pid, _ = place
        rows[family, pid if family == "mxnet" else None].append(place)
    for (family, pid), places in rows.items():
        for i, (_, device, tid) in enumerate(places, 1):
            lanes[family, device, tid] = {
                "gpu": f"cuda:{device} stream {tid}",
                "thread": f"thread {i}",
                "evidence": names.get(("thread_name", device, tid),
                                      f"process {device} thread {tid}"),
                "mxnet": processes.get(pid, f"process {pid}")
                + (f" thread {i}" if len(places) > 1 else ""),
            }[family]
    return lanes


def _kind(span: _Span, launches: list[float]) -> str:
    if span.category in KINDS:
        return span.category
    after = bisect_left(launches, span.start)
    if span.category == "cpu_op" and after < len(launches) and launches[after] <= span.end:
        return "enqueue"
    return "copy" if COPIES.search(span.name) else "compute"


def _task(span: _Span, ranges: dict[tuple, list[_Span]], calls: dict[Any, _Span]) -> str:
    """What marks a span: its own word, or the innermost range in which it was called."""
    call = calls.get(span.call, span) if WORK[span.category] == "gpu" else span
    return span.task or min(((each.end - each.start, each.name)
                             for each in ranges.get((call.pid, call.tid), ())
                             if each.start <= call.start <= each.end), default=(0, ""))[1]

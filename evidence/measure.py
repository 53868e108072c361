"""Run works in turn, several times; keep every reading.  A function for each kind of evidence.

All times are seconds of ``time.perf_counter``.  A *work* is a function without arguments
that returns only when what it started is done.

This is what the cells import, and all that runs in their kernels: a change of it runs them
again.  What is said and drawn of the readings (`evidence.kinds`) is no part of a run.
"""

from __future__ import annotations

import importlib
import os
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

from .compare import compare
from .trace import Bar, overlap, task_seconds

#: The MIME type under which a notebook keeps what was measured.
MIME = "application/vnd.evidence+json"
#: Readings that decide nothing are taken once more, if they took no longer than these seconds.
PATIENCE = 60
Work = Callable[[], Any]
#: Name of a work -> each reading of it.
Seconds = dict[str, list[float]]
#: Name of a work -> each reading of it, for each size.
SecondsBySize = dict[str, list[list[float]]]


class Evidence(dict):
    """What was measured, ready for JSON.  Shown in words and pictures by a notebook.

    ``works`` keeps the order of ``seconds``: notebooks sort the keys of their JSON.
    """

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        raw = {MIME: dict(self), "text/plain": f"{self['kind']}: {self['experiment']}"}
        if os.environ.get("EVIDENCE_RAW"):  # the book tells it in the page's language
            return raw
        # By name: the wording is no part of a run, and must not be part of a cache's key.
        page = importlib.import_module("evidence.page")
        return {**raw, **page.notebook_bundle(self)}


def usable_cores() -> int:
    """How many of the machine's cores this program may use."""
    affinity = getattr(os, "sched_getaffinity", lambda _: range(os.cpu_count() or 1))
    return len(affinity(0))


def interleaved(works: dict[str, Work], repeats: int = 7, warm_up: int = 1) -> Seconds:
    """Seconds of each work, taking turns: what drifts on the machine meets them all.

    :param works: dict, name -> work
    :param repeats: rounds; odd rounds go through the works backwards
    :param warm_up: rounds before the clock starts
    :returns: dict, name -> list of ``repeats`` seconds
    """
    seconds: Seconds = {name: [] for name in works}
    for turn in range(-warm_up, repeats):
        for name in list(works)[:: -1 if turn % 2 else 1]:
            start = time.perf_counter()
            works[name]()
            if turn >= 0:
                seconds[name].append(round(time.perf_counter() - start, 7))
    return seconds


def pair(framework: str, experiment: str, devices: Sequence, *, first: Work, second: Work,
         both: Work, repeats: int = 7, parts: Sequence[str] | None = None,
         reason: str = "") -> Evidence:
    """Two works alone and together: did they overlap?

    ``speedup`` is the sum of the two medians over the median of both; ``efficiency`` is an
    estimate of what no schedule can beat (the longer part, by its least reading) over the
    median of both, at most 1.

    :param devices: names of what does the work, for the reader
    :param parts: what a reader calls the first and the second work, if not by their devices
    :param reason: what keeps the two apart, if anything does: ``one-thread`` (calls return
        when they are done), ``one-stream`` (one queue), or nothing that we know of; then it is
        ``one-core`` where devices of the CPU have but one
    """
    if not reason and usable_cores() == 1 and all(str(d).startswith("cpu") for d in devices):
        reason = "one-core"
    works = {"first": first, "second": second, "both": both}
    readings = _decisive(lambda: interleaved(works, repeats),
                         lambda seconds: [in_turn(seconds), seconds["both"]])
    return Evidence(kind="pair", framework=framework, experiment=experiment, works=list(works),
                    devices=[str(d) for d in devices], **readings, reason=reason,
                    parts=list(parts or map(str, devices)), **ratios(readings["seconds"]))


def _decisive(take: Callable[[], Seconds], sides: Callable[[Seconds], list[list[float]]]
              ) -> dict[str, Seconds]:
    """The readings that ``take()`` returns, as ``seconds``.

    Where their two ``sides`` decide nothing they are taken once more, and no third time; the
    first ones stay, as ``earlier``.
    """
    seconds = take()
    if compare(*sides(seconds)) != "open" or sum(map(sum, seconds.values())) > PATIENCE:
        return {"seconds": seconds}
    return {"seconds": take(), "earlier": seconds}


def in_turn(seconds: Seconds) -> list[float]:
    """Of a pair: seconds of the two parts one after the other, round by round."""
    return [a + b for a, b in zip(seconds["first"], seconds["second"])]


def longer_part(seconds: Seconds) -> float:
    """Of a pair: an estimate of the seconds that no schedule can beat."""
    return max(min(seconds["first"]), min(seconds["second"]))


def ratios(seconds: Seconds) -> dict[str, float]:
    """``speedup`` and ``efficiency`` of a pair's seconds."""
    first, second, both = (median(seconds[name]) for name in ("first", "second", "both"))
    return {"speedup": round((first + second) / both, 4),
            "efficiency": efficiency(longer_part(seconds), seconds["both"])}


def efficiency(limit: float, readings: list[float]) -> float:
    """``limit`` over the median, in seconds; an estimated limit may be beaten, 1 is not."""
    return round(min(limit / median(readings), 1), 4)


def versus(framework: str, experiment: str, devices: Sequence, *, repeats: int = 7,
           seconds: Seconds | Callable[[], Seconds] | None = None, **works: Work) -> Evidence:
    """The same result made in two ways: ``speedup`` is the first's median over the second's.

    :param works: two works by name, the slower way first
    :param seconds: in their place: a function that takes the readings elsewhere, dict, name ->
        list, and may be called twice; or such readings
    :raises ValueError: not two works
    """
    readings: dict[str, Seconds]
    if seconds is None:
        _two(works)  # before one of them runs
        readings = _decisive(lambda: interleaved(works, repeats), _two)
    else:
        readings = _decisive(seconds, _two) if callable(seconds) else {"seconds": seconds}
    slow, fast = map(median, _two(readings["seconds"]))
    return Evidence(kind="versus", framework=framework, experiment=experiment,
                    works=list(readings["seconds"]), devices=[str(d) for d in devices],
                    **readings, speedup=round(slow / fast, 4), efficiency=None)


def _two(ways: dict[str, Any]) -> list[Any]:
    if len(ways) != 2:
        raise ValueError(f"two works are compared, got {', '.join(ways) or 'none'}")
    return list(ways.values())


def curve(framework: str, experiment: str, devices: Sequence, *, sizes: Sequence[float],
          works: dict[str, Callable[[Any], Work]] | None = None,
          seconds: SecondsBySize | Callable[[Sequence[float]], SecondsBySize] | None = None,
          amounts: Sequence[float] | None = None, repeats: int = 5) -> Evidence:
    """Two ways over a range of sizes, and the size from which the second is the better one.

    Sizes whose readings decide nothing are measured once more.

    :param sizes: the sizes, rising
    :param works: dict of two, name -> function of a size that returns a work
    :param seconds: in their place: a function of sizes that takes the readings elsewhere, as
        returned, and may be called twice; or such readings
    :param amounts: operations that a work of each size does; the plot is of rates then
    :returns: ``seconds[name][i]`` is the list of readings at ``sizes[i]``, ``earlier[name][i]``
        that of the first ones, where there are second ones; ``crossover`` is the first size
        from which on the second way is shown to be the faster, or None
    """
    def measure(chosen: Sequence[float]) -> SecondsBySize:
        ways = works or {}
        readings = [interleaved({name: make(size) for name, make in ways.items()}, repeats)
                    for size in chosen]
        return {name: [reading[name] for reading in readings] for name in ways}

    readings: dict[str, SecondsBySize]
    if seconds is None or callable(seconds):
        readings = _decisive_by_size(seconds or measure, sizes)
    else:
        readings = {"seconds": seconds}
    more = {} if amounts is None else {"amounts": list(amounts)}
    return Evidence(kind="curve", framework=framework, experiment=experiment,
                    works=list(readings["seconds"]), devices=[str(d) for d in devices],
                    sizes=list(sizes), **readings, **more,
                    crossover=crossover(sizes, *readings["seconds"].values()))


def _decisive_by_size(take: Callable[[Sequence[float]], SecondsBySize], sizes: Sequence[float]
                      ) -> dict[str, SecondsBySize]:
    """As `_decisive`, where each size decides for itself."""
    seconds = take(sizes)
    again = [place for place, sides in enumerate(zip(*seconds.values()))
             if compare(*sides) == "open" and sum(map(sum, sides)) <= PATIENCE]
    if not again:
        return {"seconds": seconds}
    earlier: SecondsBySize = {name: [[] for _ in sizes] for name in seconds}
    for name, readings in take([sizes[place] for place in again]).items():
        for place, second_ones in zip(again, readings):
            earlier[name][place] = seconds[name][place]
            seconds[name][place] = second_ones
    return {"seconds": seconds, "earlier": earlier}


def crossover(sizes: Sequence[float], first: Sequence[list[float]],
              second: Sequence[list[float]]) -> float | None:
    """The first of ``sizes`` from which on ``second`` is shown to be the faster, or None."""
    lead = None  # the size from which on the second has been ahead
    for size, a, b in zip(sizes, first, second):
        if compare(a, b) != "gain":
            lead = None
        elif lead is None:
            lead = size
    return lead


def bound(framework: str, experiment: str, devices: Sequence, *, sequential: Work, parallel: Work,
          limit: float, repeats: int = 7) -> Evidence:
    """A graph of tasks one by one and side by side, set beside what no schedule can beat.

    :param limit: an estimate of that bound in seconds: critical path or work per device,
        whichever is more, from the least reading of each task
    :returns: ``speedup`` is sequential over parallel, ``efficiency`` is limit over parallel,
        at most 1
    """
    works = {"sequential": sequential, "parallel": parallel}
    readings = _decisive(lambda: interleaved(works, repeats), _two)
    slow, fast = _two(readings["seconds"])
    return Evidence(kind="bound", framework=framework, experiment=experiment, works=list(works),
                    devices=[str(d) for d in devices], **readings, limit=round(limit, 7),
                    speedup=round(median(slow) / median(fast), 4),
                    efficiency=efficiency(limit, fast))


def timeline(framework: str, experiment: str, bars: list[Bar], graph: Sequence = (),
             alone: list[Bar] | None = None) -> Evidence:
    """A profiler's trace as evidence.

    :param bars: list of ``evidence.trace.Bar``
    :param graph: the tasks that mark the bars, list of ``evidence.graph.Task``
    :param alone: bars of a run of that graph that waited after every task
    """
    data = Evidence(kind="timeline", framework=framework, experiment=experiment,
                    cores=usable_cores(), **overlap(bars),
                    bars=[[b.lane, b.name, round(b.start, 7), round(b.end, 7), b.kind,
                           *([b.task] if b.task else [])] for b in bars])
    if graph:
        seconds = task_seconds(alone or [])
        data["tasks"] = [{"name": task.name, "lane": task.lane, "needs": list(task.needs),
                          "seconds": round(seconds.get(task.name, 0), 7)} for task in graph]
    return data

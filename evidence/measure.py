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

from .trace import Bar, overlap

#: The MIME type under which a notebook keeps what was measured.
MIME = "application/vnd.evidence+json"
Work = Callable[[], Any]


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


def interleaved(works: dict[str, Work], repeats: int = 7, warm_up: int = 1
                ) -> dict[str, list[float]]:
    """Seconds of each work, taking turns: what drifts on the machine meets them all.

    :param works: dict, name -> work
    :param repeats: rounds; odd rounds go through the works backwards
    :param warm_up: rounds before the clock starts
    :returns: dict, name -> list of ``repeats`` seconds
    """
    seconds: dict[str, list[float]] = {name: [] for name in works}
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

    ``speedup`` is the sum of the two medians over the median of both; ``efficiency`` is
    the larger of the two (no schedule can beat it) over the median of both.

    :param devices: names of what does the work, for the reader
    :param parts: what a reader calls the first and the second work, if not by their devices
    :param reason: what keeps the two apart, if anything does: ``one-thread`` (calls return
        when they are done), ``one-stream`` (one queue), or nothing that we know of
    """
    seconds = interleaved({"first": first, "second": second, "both": both}, repeats)
    return Evidence(kind="pair", framework=framework, experiment=experiment, works=list(seconds),
                    devices=[str(d) for d in devices], seconds=seconds, reason=reason,
                    parts=list(parts or map(str, devices)), **ratios(seconds))


def ratios(seconds: dict[str, list[float]]) -> dict[str, float]:
    """``speedup`` and ``efficiency`` of a pair's seconds."""
    first, second, both = (median(seconds[name]) for name in ("first", "second", "both"))
    return {"speedup": round((first + second) / both, 4),
            "efficiency": round(max(first, second) / both, 4)}


def versus(framework: str, experiment: str, devices: Sequence, *, repeats: int = 7,
           seconds: dict[str, list[float]] | None = None, **works: Work) -> Evidence:
    """The same result made in two ways: ``speedup`` is the first's median over the second's.

    :param works: two works by name, the slower way first
    :param seconds: in their place: readings that were taken elsewhere, dict, name -> list
    :raises ValueError: not two works
    """
    if len(seconds or works) != 2:
        raise ValueError(f"two works are compared, got {', '.join(seconds or works) or 'none'}")
    seconds = seconds or interleaved(works, repeats)
    slow, fast = (median(values) for values in seconds.values())
    return Evidence(kind="versus", framework=framework, experiment=experiment,
                    works=list(seconds),
                    devices=[str(d) for d in devices], seconds=seconds,
                    speedup=round(slow / fast, 4), efficiency=None)


def curve(framework: str, experiment: str, devices: Sequence, *, sizes: Sequence[float],
          works: dict[str, Callable[[Any], Work]] | None = None,
          seconds: dict[str, list[list[float]]] | None = None, repeats: int = 5) -> Evidence:
    """Two ways over a range of sizes, and the size from which the second is the better one.

    :param sizes: the sizes, rising
    :param works: dict of two, name -> function of a size that returns a work
    :param seconds: in their place: readings that were taken elsewhere, as returned
    :returns: ``seconds[name][i]`` is the list of readings at ``sizes[i]``; ``crossover`` is
        the first size from which on the second way's median is the smaller, or None
    """
    if seconds is None:
        works = works or {}
        readings = [interleaved({name: make(size) for name, make in works.items()}, repeats)
                    for size in sizes]
        seconds = {name: [reading[name] for reading in readings] for name in works}
    return Evidence(kind="curve", framework=framework, experiment=experiment,
                    works=list(seconds),
                    devices=[str(d) for d in devices], sizes=list(sizes), seconds=seconds,
                    crossover=crossover(sizes, *seconds.values()))


def crossover(sizes: Sequence[float], first: Sequence[list[float]],
              second: Sequence[list[float]]) -> float | None:
    """The first of ``sizes`` from which on ``second`` is the faster to the end, or None."""
    lead = None  # the size from which on the second has been ahead
    for size, a, b in zip(sizes, first, second):
        if median(b) >= median(a):
            lead = None
        elif lead is None:
            lead = size
    return lead


def bound(framework: str, experiment: str, devices: Sequence, *, sequential: Work, parallel: Work,
          limit: float, repeats: int = 7) -> Evidence:
    """A graph of tasks one by one and side by side, set beside what no schedule can beat.

    :param limit: the bound in seconds: critical path or work per device, whichever is more
    :returns: ``speedup`` is sequential over parallel, ``efficiency`` is limit over parallel
    """
    seconds = interleaved({"sequential": sequential, "parallel": parallel}, repeats)
    slow, fast = (median(values) for values in seconds.values())
    return Evidence(kind="bound", framework=framework, experiment=experiment,
                    works=list(seconds),
                    devices=[str(d) for d in devices], seconds=seconds, limit=round(limit, 7),
                    speedup=round(slow / fast, 4), efficiency=round(limit / fast, 4))


def timeline(framework: str, experiment: str, bars: list[Bar]) -> Evidence:
    """A profiler's trace as evidence.

    :param bars: list of ``evidence.trace.Bar``
    """
    return Evidence(kind="timeline", framework=framework, experiment=experiment,
                    bars=[[b.lane, b.name, round(b.start, 7), round(b.end, 7), b.kind]
                          for b in bars], **overlap(bars))

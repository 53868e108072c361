"""The PyTorch cells of the book's pages and of their downloads, on a pretended machine.

    run(page_cells("auto-parallelism", "pytorch"), Machine(gpus=2))

The cells run unchanged.  What measures and traces is told to look at the simulation: the
rounds of a measurement run on shapes alone (the values of what they compute are asked for by
nobody), and a timeline shows what was simulated.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, partial
from typing import Any
from unittest import mock
from urllib.parse import unquote

import evidence.measure
import evidence.profilers
from evidence.profilers import Recording
from evidence.trace import Bar

from .cells import Cell, Outcome, execute, smaller
from .cost import Machine
from .cuda import Simulation, pretend
from .pages import ROOT


def run(cells: Sequence[Cell], machine: Machine, shorter: bool = False) -> list[Outcome]:
    """Run ``cells`` in turn on ``machine``; an `Outcome` for each.

    :param shorter: smaller sizes, and one round of each measurement after its warm-up
    """
    imported()
    if shorter:
        cells = smaller(cells)
    with pretend(machine) as simulation, _looked_at(simulation, shorter):
        limits = simulation.flops, simulation.elements

        def before(cell) -> None:
            """A cell that asserts something has all its values computed, however many."""
            simulation.flops, simulation.elements = (
                (float("inf"),) * 2 if "assert " in cell.source else limits)
        return execute(cells, before, lambda: simulation.faults)


@cache
def imported() -> dict[str, Any]:
    """What the book's kernel does first, and the imports of cells that take long."""
    namespace: dict[str, Any] = {}
    exec((ROOT / "kernels/pytorch/startup.py").read_text("utf-8"), namespace)
    exec("import d2l.torch", namespace)
    return namespace


@contextmanager
def _looked_at(simulation: Simulation, shorter: bool) -> Iterator[None]:
    """Evidence is taken from ``simulation``; a setup cell finds PyTorch at once."""
    interleaved, start = evidence.measure.interleaved, subprocess.run

    def in_simulation(works, repeats=7, warm_up=1):
        if shorter:  # as good as any to see the order, and small enough to be computed
            return interleaved(works, 1, warm_up)
        simulation.values = False
        try:
            return interleaved(works, repeats, warm_up)
        finally:
            simulation.values = True

    def start_or_know(command, *args, **options):
        if list(command) == [sys.executable, "-c", "import torch"]:
            return subprocess.CompletedProcess(command, 0)
        return start(command, *args, **options)

    with (mock.patch.object(evidence.measure, "interleaved", in_simulation),
          mock.patch.object(evidence, "interleaved", in_simulation),
          mock.patch.object(evidence.profilers, "torch_trace", partial(trace, simulation)),
          mock.patch.object(subprocess, "run", start_or_know),
          mock.patch.object(sys, "argv", ["page.py"]),  # a download has options
          mock.patch.dict(os.environ, EVIDENCE_RAW="1")):
        yield


@contextmanager
def trace(simulation: Simulation) -> Iterator[Recording]:
    """In place of `evidence.profilers.torch_trace`: the simulated work of the block."""
    for gpu in range(simulation.machine.gpus):
        simulation.synchronize(gpu)
    recording, begin = Recording(), len(simulation.log)
    yield recording
    for gpu in range(simulation.machine.gpus):
        simulation.synchronize(gpu)
    work = sorted(simulation.log[begin:], key=lambda entry: entry[2])
    names = _lane_names([entry[0] for entry in work])
    first = work[0][2] if work else 0
    recording.bars = sorted((Bar(names[lane], name, start - first, end - first, kind,
                                 unquote(task))
                             for lane, name, start, end, kind, task in work),
                            key=lambda bar: (bar.lane, bar.start))


def _lane_names(lanes) -> dict[tuple, str]:
    """What a reader calls each; threads are numbered in order of their first use."""
    names: dict[tuple, str] = {}
    threads = 0
    for lane in dict.fromkeys(lanes):
        if lane[0] == "stream":
            names[lane] = f"cuda:{lane[1]} stream {lane[2]}"
        else:
            threads += 1
            names[lane] = f"thread {threads}"
    return names

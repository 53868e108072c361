"""The MXNet cells of the book's pages and of their downloads, with pretended GPUs.

Sizes are made small, and each work that is measured runs once: it has to end with a
wait.  A cell that starts a Python of its own has that program run here.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from typing import Any
from unittest import mock

import evidence.measure
import evidence.profilers
from evidence.profilers import Recording

from .cells import Cell, Outcome, execute, smaller
from .mxnet_contexts import WAIT, Contexts, pretend


def run(cells: Sequence[Cell], gpus: int) -> list[tuple[Outcome, set[str]]]:
    """Run ``cells`` in turn; for each its `Outcome` and the contexts that it used."""
    used: list[set[str]] = []
    begin: list[int] = []
    with pretend(gpus) as contexts, _looked_at(contexts):
        outcomes = execute(smaller(cells), lambda _: begin.append(len(contexts.calls)),
                           lambda: contexts.faults)
        for start, end in zip(begin, [*begin[1:], len(contexts.calls)]):
            used.append(Contexts.of(contexts.calls[start:end]))
    return list(zip(outcomes, used))


@contextmanager
def _looked_at(contexts: Contexts) -> Iterator[None]:
    start = subprocess.run

    def once(works, repeats=7, warm_up=1) -> dict[str, list[float]]:
        seconds = {}
        for name, work in works.items():
            begin = time.perf_counter()
            work()
            seconds[name] = [time.perf_counter() - begin] * repeats
            if not contexts.calls or contexts.calls[-1].name != WAIT:
                contexts.faults.append(f"measured without a wait at its end: {name}")
        return seconds

    def start_or_execute(command, *args, **options):
        if list(command[:2]) != [sys.executable, "-c"]:
            return start(command, *args, **options)
        if command[2] == "import mxnet":
            return subprocess.CompletedProcess(command, 0)
        return subprocess.CompletedProcess(command, 0, _printed_by(*command[2:]))

    @contextmanager
    def no_trace() -> Iterator[Recording]:
        yield Recording()

    with (mock.patch.object(evidence.measure, "interleaved", once),
          mock.patch.object(evidence, "interleaved", once),
          mock.patch.object(evidence.profilers, "mxnet_trace", no_trace),
          mock.patch.object(subprocess, "run", start_or_execute),
          mock.patch.dict(os.environ, EVIDENCE_RAW="1")):
        yield


def _printed_by(program: str, *arguments: str) -> str:
    printed = io.StringIO()
    namespace: dict[str, Any] = {"__name__": "__main__"}
    with mock.patch.object(sys, "argv", ["-c", *arguments]), redirect_stdout(printed):
        exec(compile(program, "program", "exec"), namespace)
    return printed.getvalue()

"""What the PyTorch cells of a page would print and draw on a pretended machine.

    python -m tests.gpu auto-parallelism --gpus 2 > simulated.html

Every number is simulated; nothing was measured.  What is out of order is told on stderr, and
the exit code is 1.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from html import escape
from typing import Any

from evidence.measure import Evidence
from evidence.page import notebook_bundle

from . import pages, pytorch_pages
from .cells import Cell, Outcome
from .cost import Machine

NOTE = "Simulated, not measured: a model of a machine; its GPUs: {gpus}."


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.gpu", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page", help="docname without its folder", choices=sorted(
        file.stem for file in pages.CHAPTER.glob("*.md") if "." not in file.stem))
    parser.add_argument("--gpus", type=int, default=2, choices=range(9), metavar="N")
    options = parser.parse_args(arguments)
    cells = pages.page_cells(options.page, "pytorch", ".en")
    outcomes = pytorch_pages.run(cells, Machine(options.gpus))
    print(html(options.page, options.gpus, cells, outcomes))
    faults = [fault for outcome in outcomes for fault in outcome.faults]
    print(*faults, sep="\n", end="\n" if faults else "", file=sys.stderr)
    return int(bool(faults))


def html(page: str, gpus: int, cells: Sequence[Cell], outcomes: Sequence[Outcome]) -> str:
    """A document: each cell with what it prints and displays."""
    title, note = escape(f"Simulated: {page}"), NOTE.format(gpus=gpus)
    parts = [f"<!doctype html><meta charset=utf-8><title>{title}</title><h1>{title}</h1>"]
    for cell, outcome in zip(cells, outcomes):
        parts.append(f"<pre>{escape(cell.source)}</pre>")
        parts += [f"<section><small>{note}</small>{_displayed(output)}</section>"
                  for output in outcome.outputs]
        parts += [f"<p><strong>{escape(fault)}</strong></p>" for fault in outcome.faults]
    return "\n".join(parts)


def _displayed(output: Any) -> str:
    if isinstance(output, Evidence):
        return notebook_bundle(output)["text/html"]
    return f"<pre>{escape(output)}</pre>"


if __name__ == "__main__":
    raise SystemExit(main())

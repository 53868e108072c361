"""Cells of a page, run one after the other as a kernel would, and what they print and display."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from evidence.measure import Evidence


class Cell(NamedTuple):
    """Code, and where its first line stands.  Its last expression is in a call of ``display``."""

    file: str
    line: int
    source: str


@dataclass
class Outcome:
    """What a cell printed or displayed, in order, and which faults were seen while it ran."""

    outputs: list[Any] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def smaller(cells: Sequence[Cell]) -> list[Cell]:
    """The same with each whole number from 100 on divided by 32: sizes, and how often."""
    return [cell._replace(source=re.sub(r"\b[1-9]\d{2,}\b", lambda n: str(int(n[0]) // 32),
                                        cell.source)) for cell in cells]


def execute(cells: Sequence[Cell], before: Callable[[Cell], Any],
            faults: Callable[[], Sequence[Any]]) -> list[Outcome]:
    """Run ``cells`` in turn, as a kernel would; an `Outcome` for each.

    :param before: is called with each cell before it runs
    :param faults: all faults so far
    """
    outcomes: list[Outcome] = []

    def display(*values: Any) -> None:
        outcomes[-1].outputs.extend(value if isinstance(value, Evidence) else f"{value!r}\n"
                                    for value in values if value is not None)
    namespace: dict[str, Any] = {"__name__": "__main__", "display": display}
    with TemporaryDirectory() as folder:  # a script saves its plots beside itself
        for cell in cells:
            outcome, earlier = Outcome(), len(faults())
            outcomes.append(outcome)
            before(cell)
            code = compile("\n" * (cell.line - 1) + cell.source, cell.file, "exec")
            namespace["__file__"] = str(Path(folder, Path(cell.file).name))
            with redirect_stdout(_Printed(outcome.outputs)):
                exec(code, namespace)
            outcome.faults += map(str, faults()[earlier:])
    return outcomes


class _Printed(io.TextIOWrapper):
    """A standard output that keeps each text among the outputs of its cell."""

    def __init__(self, outputs: list[Any]) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8")
        self.outputs = outputs

    def write(self, text: str) -> int:
        if self.outputs and isinstance(self.outputs[-1], str):
            self.outputs[-1] += text
        else:
            self.outputs.append(text)
        return len(text)

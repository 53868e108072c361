"""Graphs of tasks: one description for the experiment, the drawing and the bound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter


@dataclass(frozen=True)
class Task:
    """A step of a computation.

    ``name`` is unique in its graph, ``op`` what to do, ``lane`` who does it ("" for
    anybody), ``needs`` the names of the tasks whose results it reads, in order.
    """

    name: str
    op: str
    lane: str = ""
    needs: tuple[str, ...] = ()


def ordered(tasks: list[Task]) -> list[Task]:
    """``tasks`` so that each comes after all that it needs.

    :raises ValueError: an unknown or doubled name
    :raises graphlib.CycleError: (a ValueError) tasks that wait for each other
    """
    by_name = {task.name: task for task in tasks}
    if len(by_name) != len(tasks):
        raise ValueError("two tasks have the same name")
    for task in tasks:
        for need in task.needs:
            if need not in by_name:
                raise ValueError(f"{task.name!r} needs {need!r}, which no task makes")
    order = TopologicalSorter({task.name: task.needs for task in tasks}).static_order()
    return [by_name[name] for name in order]


def critical_path(tasks: list[Task], seconds: dict[str, float]) -> tuple[float, list[str]]:
    """The longest chain of tasks: its length in seconds, and its names in order.

    :param seconds: dict, name of a task -> seconds that it takes alone
    """
    end: dict[str | None, float] = {}
    before: dict[str | None, str | None] = {}
    for task in ordered(tasks):
        before[task.name] = max(task.needs, key=end.__getitem__, default=None)
        end[task.name] = end.get(before[task.name], 0.0) + seconds[task.name]
    name = max(end, key=end.__getitem__)
    length, chain = end[name], []
    while name is not None:
        chain.append(name)
        name = before[name]
    return length, chain[::-1]


def lower_bound(tasks: list[Task], seconds: dict[str, float], workers: int) -> float:
    """Seconds that no schedule on ``workers`` equal workers can beat, if ``seconds`` hold.

    The critical path must be walked, and the work must be done by somebody.  Tasks that are
    timed alone give an estimate: take the least reading of each.
    """
    return max(critical_path(tasks, seconds)[0], sum(seconds.values()) / workers)


def spread(tasks: list[Task], workers: int) -> dict[str, int]:
    """Who does what, dict, name -> worker (0, 1, …): list scheduling, each task as long.

    A task goes to the worker who can begin it first.
    """
    free, end, chosen = [0] * workers, {}, {}
    for task in ordered(tasks):
        ready = max((end[need] for need in task.needs), default=0)
        worker = min(range(workers), key=lambda w: (max(free[w], ready), -free[w]))
        free[worker] = end[task.name] = max(free[worker], ready) + 1
        chosen[task.name] = worker
    return chosen


def arrows(tasks: list[Task]) -> list[tuple[str, str]]:
    """The pairs ``(before, after)`` that order the tasks, without those that others imply.

    A task comes after what it needs, and after the one listed before it in its lane; what
    needs nothing is there from the start.
    """
    before, last = {}, {}
    for task in tasks:
        before[task.name] = set(task.needs)
        if task.needs and task.lane:
            before[task.name] |= {last[task.lane]} if task.lane in last else set()
            last[task.lane] = task.name
    earlier = {}  # all that comes before a task, by any way
    for task in tasks:
        earlier[task.name] = before[task.name].union(*(earlier[n] for n in before[task.name]))
    return [(need, task.name) for task in tasks for need in sorted(before[task.name])
            if not any(need in earlier[name] for name in before[task.name] - {need})]


#: The figure of `mlp`: its columns from left to right, its rows from the top.  Σ stands in the
#: row of what it sums.
MLP_COLUMNS = ("GPU 1", "CPU", "GPU 2")
MLP_ROWS = ("X", "W₁", "W₂", "loss", "∂W₂", "∂W₁")
#: What a step of `mlp` makes for the next one: the result of a task is that one's input.
MLP_NEXT = {"Σ ∂W₁": "W₁", "Σ ∂W₂": "W₂"}


def mlp(lanes: Sequence[str] = ("GPU 1", "GPU 2"), cpu: str = "CPU") -> list[Task]:
    """One training step of a two-layer MLP, its batch shared out over ``lanes``.

    Every lane passes its part through both layers and back; the CPU averages the gradients
    and changes the weights.  This is the graph of `img/twogpu.svg` and of the experiment.
    """
    tasks = [Task("W₁", "weights", cpu), Task("W₂", "weights", cpu)]
    for i, lane in enumerate(lanes, 1):
        tasks += [Task(f"X {i}", "data", lane),
                  Task(f"W₁ {i}", "hidden", lane, (f"X {i}", "W₁")),
                  Task(f"W₂ {i}", "output", lane, (f"W₁ {i}", "W₂")),
                  Task(f"loss {i}", "loss", lane, (f"W₂ {i}",)),
                  Task(f"∂W₂ {i}", "gradient 2", lane, (f"loss {i}",)),
                  Task(f"∂W₁ {i}", "gradient 1", lane, (f"loss {i}",))]
    for layer in "₂₁":
        gradients = tuple(f"∂W{layer} {i}" for i in range(1, len(lanes) + 1))
        tasks.append(Task(f"Σ ∂W{layer}", "update", cpu, (f"W{layer}", *gradients)))
    return tasks

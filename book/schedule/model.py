"""When each job runs, if all that it waits for is its queues, its needs, a slot and the host.

The page has the same model in JavaScript (`_static/schedule.js`); a test runs both on the same
jobs.  Times are in any one unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import mean
from typing import Any

from evidence.graph import MLP_NEXT
from evidence.step import symbol


@dataclass(frozen=True)
class Job:
    """Something that a device does.

    ``queues`` are the names of what it occupies, each of which serves in the order in which jobs
    are issued; the first is its lane.  ``needs`` names the jobs whose results it reads.  With
    ``slot`` it takes a slot of temporary space, dealt out in turn; with ``wait`` the host waits
    for all that it has issued before it goes on.  ``label`` is what its bar is called.
    """

    name: str
    queues: tuple[str, ...]
    seconds: float
    needs: tuple[str, ...] = ()
    kind: str = "compute"
    slot: bool = False
    wait: bool = False
    label: str = ""


@dataclass(frozen=True)
class Run:
    """When a job ran; ``because`` is the index of the job whose end let it start, or None."""

    start: float
    end: float
    because: int | None


def simulate(jobs: Sequence[Job], slots: int = 0) -> list[Run]:
    """The run of each job, in the order in which they are issued.

    :param slots: of temporary space, which all jobs with ``slot`` share; 0: enough for all
    """
    runs: list[Run] = []
    by_name: dict[str, int] = {}
    last: dict[str, int] = {}  # of each queue the job that was issued last
    dealt: list[int] = []
    host: int | None = None  # the job for which the host has waited
    for number, job in enumerate(jobs):
        before = [host, *(by_name[name] for name in job.needs),
                  *(last.get(queue) for queue in job.queues)]
        if job.slot and slots:
            before.append(dealt[-slots] if len(dealt) >= slots else None)
            dealt.append(number)
        start, because = 0.0, None
        for index in before:
            if index is not None and runs[index].end > start:
                start, because = runs[index].end, index
        runs.append(Run(start, start + job.seconds, because))
        by_name[job.name] = number
        last.update(dict.fromkeys(job.queues, number))
        if job.wait:
            host = latest(runs)
    return runs


def latest(runs: Sequence[Run]) -> int:
    """The index of the run that ends last, the first of those that do."""
    return max(range(len(runs)), key=lambda index: (runs[index].end, -index))


def critical(runs: Sequence[Run]) -> list[int]:
    """The chain of runs, each let start by the one before, that ends last: their indices."""
    chain: list[int] = []
    index: int | None = latest(runs) if runs else None
    while index is not None:
        chain.append(index)
        index = runs[index].because
    return chain[::-1]


#: Where the host waits: at the end alone, once between the two parts, or in every call.
WAITS = ("end", "between", "call")


def two_devices(values: Mapping[str, float | str]) -> list[Job]:
    """``n`` products on each of two devices, issued one device after the other.

    :param values: ``first`` and ``second`` (the times of all products), ``n``, ``wait``
    """
    n = int(values["n"])
    return [Job(f"{device} {i}", (device,), float(values[device]) / n, slot=True,
                wait=values["wait"] == "call"
                or (values["wait"] == "between" and device == "first" and i == n))
            for device in ("first", "second") for i in range(1, n + 1)]


def run_and_copy(values: Mapping[str, float | str]) -> list[Job]:
    """``n`` products on a device, and a copy of each result.

    :param values: ``first`` and ``second`` (the times of all products and of all copies), ``n``,
        ``streams`` (1: copies stand behind the products; 2: in a queue of their own), ``wait``
    """
    n, wait = int(values["n"]), values["wait"]
    copies = "second" if int(values["streams"]) > 1 else "first"
    products = [Job(f"first {i}", ("first",), float(values["first"]) / n,
                    wait=wait == "call" or (wait == "between" and i == n))
                for i in range(1, n + 1)]
    copied = [Job(f"second {i}", (copies,), float(values["second"]) / n, (f"first {i}",), "copy",
                  wait=wait == "call") for i in range(1, n + 1)]
    if wait == "between":
        return products + copied
    return [job for both in zip(products, copied, strict=True) for job in both]


def mlp(values: Mapping[str, Any]) -> list[Job]:
    """``n`` training steps, each device with one queue.

    :param values: ``tasks`` (as `step_of` returns them), ``n``, ``wait`` (between: after every
        step), and the time of each task by its symbol, such as ``∂W₂``
    """
    tasks, wait = values["tasks"], values["wait"]
    return [Job(f"{task['name']}, {step}", (task["lane"],), float(values[task["symbol"]]),
                (*(f"{need}, {step}" for need in task["needs"]),
                 *(f"{need}, {step - 1}" for need in task["before"] if step > 1)),
                task["kind"], label=task["symbol"],
                wait=wait == "call" or (wait == "between" and task is tasks[-1]))
            for step in range(1, int(values["n"]) + 1) for task in tasks]


def step_of(tasks: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Of a graph's tasks the values that `mlp` wants: ``tasks``, and the time of each symbol.

    A symbol's time is the mean over its devices: each has its share of the batch.

    :param tasks: each ``name``, ``lane``, ``needs``, ``seconds``
    """
    made_before = {new: old for old, new in MLP_NEXT.items()}  # of weights, what made them
    step, seconds = [], {}
    for task in tasks:
        if task["needs"]:
            step.append({
                "name": task["name"], "lane": task["lane"], "symbol": symbol(task["name"]),
                "kind": "update" if task["lane"] == "CPU" else "compute",
                "needs": [need for need in task["needs"] if need in seconds],
                "before": [made_before[need] for need in task["needs"] if need in made_before]})
            seconds[task["name"]] = task["seconds"]
    times = {each["symbol"]: mean(seconds[name] for name in seconds if symbol(name) == each[
        "symbol"]) for each in step}
    return {"tasks": step, **times}


#: What makes the jobs of an experiment from its values.
EXPERIMENTS = {"two-devices": two_devices, "run-and-copy": run_and_copy, "mlp": mlp}


def limit(values: Mapping[str, Any], jobs: Sequence[Job]) -> float:
    """What no schedule can beat: the longer part; of a graph its longest path or a queue's work."""
    if "first" in values:
        return max(float(values["first"]), float(values["second"]))
    free = simulate([replace(job, queues=(), wait=False) for job in jobs])
    return max(free[latest(free)].end, *(
        sum(job.seconds for job in jobs if queue in job.queues)
        for queue in {queue for job in jobs for queue in job.queues}))


def ratios(values: Mapping[str, Any], jobs: Sequence[Job], runs: Sequence[Run]
           ) -> tuple[float, float]:
    """Speed-up over one job after the other, and efficiency, as the page defines them."""
    end = runs[latest(runs)].end
    return sum(job.seconds for job in jobs) / end, limit(values, jobs) / end

"""Which of the chapter's claims about speed does this machine show?

Usage: python -m tools.claims [READINGS] [--out FOLDER]

Runs every cell anew, or takes READINGS (`_build/evidence/readings.json`, a record), and writes
EVIDENCE.md: a row for each claim, from which nothing is left out.  Ends with 1 if a claim that
this class of machine should show is refuted.

A claim is about a ratio: "one after the other takes at least 1.8 times as long as together".
The pages' rule decides it (`evidence.compare`): the claim is shown if the whole interval of the
ratio lies above 1.8, refuted if it lies below, else undecided.  A side that is one number counts
as known: then all readings of the other must lie on one side of it, which chance does once in
2**7 times.  Where it would do so more often than `ERROR`, as with a single reading, nothing is
refuted.

A neighbour that works all the time slows all readings of one side alike, and cores may be
halves of cores.  So there is a control, before the cells and after them: processes of plain
Python, one per core, alone and at once.  Unless it shows that they do not hinder each other,
nothing is refuted.
"""
from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from statistics import median

from book import frameworks
from evidence import interleaved, kinds
from evidence.compare import ERROR, interval
from tabcells.run.probe import hardware

ROOT = Path(__file__).resolve().parent.parent
TEXT = Path(__file__).with_name("claims.md").read_text("utf-8")
#: The control: how fast processes at once must be, set beside one alone, and what each does.
QUIET, SPIN = 0.9, "for _ in range(10_000_000): pass"
LABELS = {"": "All", **{each.name: each.label for each in frameworks.read(ROOT).values()}}


class Verdict(Enum):
    SHOWN = "shown"
    UNDECIDED = "undecided"
    REFUTED = "**refuted**"
    NOT_CLAIMED = "not claimed"


@dataclass(frozen=True)
class Place:
    """The class of machine: usable cores, and how many GPUs an experiment used."""

    cores: int
    gpus: int


@dataclass(frozen=True)
class Ratio:
    """Readings over readings; a side with one value is taken as known."""

    over: list[float]
    under: list[float]

    @property
    def value(self) -> float:
        return median(self.over) / median(self.under)

    @property
    def interval(self) -> tuple[float, float]:
        """Between which two numbers the ratio lies."""
        if 1 in (len(self.over), len(self.under)):
            return min(self.over) / max(self.under), max(self.over) / min(self.under)
        return interval(self.over, self.under)

    @property
    def may_refute(self) -> bool:
        """Whether all readings lie on one side of a known number more rarely than `ERROR`."""
        sizes = len(self.over), len(self.under)
        return 1 not in sizes or 0.5 ** max(sizes) <= ERROR

    def is_at_least(self, limit: float) -> Verdict:
        low, high = self.interval
        return self._verdict(low > limit, high < limit)

    def is_at_most(self, limit: float) -> Verdict:
        low, high = self.interval
        return self._verdict(high < limit, low > limit)

    def _verdict(self, holds: bool, fails: bool) -> Verdict:
        if holds:
            return Verdict.SHOWN
        return Verdict.REFUTED if fails and self.may_refute else Verdict.UNDECIDED


def _ratios(data: dict, quantity: str) -> list[Ratio]:
    """What the kind of ``data`` has to say of ``quantity``.

    :raises LookupError: nothing
    """
    kind = kinds.of(data)
    try:
        return [Ratio(*sides) for sides in kind.ratios(data)[quantity]]
    except KeyError:
        raise LookupError(f"a {kind.name} has no {quantity}") from None


def speedup(data: dict) -> list[Ratio]:
    """One after the other over together, or the first way over the second."""
    return _ratios(data, "speedup")


def efficiency(data: dict) -> list[Ratio]:
    """About what no schedule can beat over what was needed: the longer part, or the bound."""
    return _ratios(data, "efficiency")


def gain_per_size(data: dict) -> list[Ratio]:
    """Of a curve: the second way over the first, at each size."""
    return _ratios(data, "gain_per_size")


def share(data: dict) -> list[Ratio]:
    """Of a timeline: the part of the busy time in which two lanes or more work."""
    return _ratios({"kind": "timeline", **data}, "share")


def minutes(readings: dict) -> list[Ratio]:
    return [Ratio([sum(run["seconds"] for run in readings["runs"])], [60.0])]


#: Where a claim is not made: a test of the place, and the reason.
Exclusion = tuple[Callable[[Place], bool], str]
ONE_CORE: Exclusion = (lambda place: place.gpus < 2 and place.cores < 2,
                        "one core does one thing at a time")
UNEQUAL: Exclusion = (lambda place: place.gpus == 1,
                       "a GPU and a CPU do not take equally long for their parts")
GPU_QUEUE: Exclusion = (lambda place: place.gpus > 0, "a GPU has queues of its own")
GPU_FULL: Exclusion = (lambda place: place.gpus > 0, "one product fills a GPU")
GPU_SMALL: Exclusion = (lambda place: place.gpus > 0,
                         "on a GPU, starting and copying such small tasks takes most of the time")
NO_GPU_PAIR: Exclusion = (lambda place: place.gpus < 2, "it is about two GPUs")
BUS: Exclusion = (lambda place: not place.gpus and place.cores > 4,
                   "so many cores fill the memory's bus by themselves")
WIDE: Exclusion = (lambda place: not place.gpus and place.cores > 4,
                    "one product of this size does not fill so many cores")


@dataclass(frozen=True)
class Claim:
    """A sentence of the chapter, and the ratios that decide it.

    :param experiments: names of measurements; none for a claim about the whole run
    :param ratios: what to read from each of them
    :param relation: ``≥`` or ``≤``
    :param needed: how many of the ratios must be so; 0 for all of them
    :param exclusions: where the claim is not made
    """

    sentence: str
    framework: str
    experiments: tuple[str, ...]
    ratios: Callable[[dict], list[Ratio]]
    relation: str
    limit: float
    needed: int = 0
    exclusions: tuple[Exclusion, ...] = (ONE_CORE,)


def _claims() -> Iterator[Claim]:
    """Every claim, in the chapter's order."""
    both = ("mxnet", "pytorch")
    for name in both:
        pair = name, ("two-devices",)
        yield Claim("two devices work side by side: efficiency", *pair, efficiency, "≥", 0.9)
        yield Claim("two devices work side by side: speed-up", *pair, speedup, "≥", 1.8,
                    exclusions=(ONE_CORE, UNEQUAL))
        yield Claim("the timeline of two devices: share with both at work", *pair, share, "≥", 0.8,
                    exclusions=(ONE_CORE, UNEQUAL))
    alone = "pytorch", ("two-devices-one-thread",)
    yield Claim("eager calls of one thread do not overlap on the CPU: speed-up", *alone,
                speedup, "≤", 1.3, exclusions=(GPU_QUEUE,))
    yield Claim("the timeline of one thread: share with two lanes at work", *alone,
                share, "≤", 0.1, exclusions=(GPU_QUEUE,))
    yield Claim("one calling thread is enough for two GPUs: efficiency", *alone,
                efficiency, "≥", 0.9, exclusions=(NO_GPU_PAIR,))
    yield Claim("copies in line do not overlap on the CPU: speed-up", "mxnet", ("run-and-copy",),
                speedup, "≤", 1.15, exclusions=(GPU_QUEUE,))
    yield Claim("copies in line do not overlap: speed-up", "pytorch", ("run-and-copy",),
                speedup, "≤", 1.15, exclusions=())
    yield Claim("copies aside overlap: speed-up", "pytorch", ("run-and-copy-aside",),
                speedup, "≥", 1.1, exclusions=(ONE_CORE, BUS))
    for name, limit in zip(both, (1.6, 1.1), strict=True):
        yield Claim("the automatic MLP beats the waiting one: speed-up", name, ("mlp",),
                    speedup, "≥", limit, exclusions=(ONE_CORE, GPU_SMALL))
    yield Claim("exercise 1, a second worker for one device: speed-up", "mxnet", ("one-device",),
                speedup, "≥", 1.5, exclusions=(ONE_CORE, GPU_FULL))
    yield Claim("exercise 1, temporary space for all: speed-up", "mxnet", ("temporary-space",),
                speedup, "≥", 1.3, exclusions=(ONE_CORE, GPU_FULL))
    yield Claim("exercise 1, one product uses the cores already: speed-up", "pytorch",
                ("one-device",), speedup, "≤", 1.5, exclusions=(WIDE,))
    for name in both:
        yield Claim("exercise 2, one small operator per core pays at some size: speed-up", name,
                    ("operator-size",), gain_per_size, "≥", 1.1, needed=1,
                    exclusions=(ONE_CORE, GPU_FULL))
        yield Claim("exercise 3, more than one thing at the same time: speed-up", name,
                    ("three-at-once",), speedup, "≥", 1.3, exclusions=(ONE_CORE, UNEQUAL))
        graphs = name, ("diamonds", "tree", "pipeline")
        yield Claim("exercise 5, each graph is faster in parallel: speed-up", *graphs,
                    speedup, "≥", 1.15)
        yield Claim("exercise 5, two of the three are near their bound: efficiency", *graphs,
                    efficiency, "≥", 1 / 1.3, needed=2)
        yield Claim("exercise 5, no bound is beaten: efficiency", *graphs, efficiency, "≤", 1.1)
    yield Claim("all cells together: minutes", "", (), minutes, "≤", 4)


CLAIMS = tuple(_claims())


@dataclass(frozen=True)
class Row:
    """A claim beside what was measured."""

    claim: Claim
    values: list[float]
    verdict: Verdict
    reason: str = ""


def judge(claim: Claim, readings: dict) -> Row:
    """What ``readings`` (as in `measurements.json`) say of ``claim``.

    :raises LookupError: an experiment was not measured
    """
    part = "timelines" if claim.ratios is share else "measurements"
    sources = [_one(readings, part, claim.framework, name) for name in claim.experiments]
    ratios = [ratio for source in sources or [readings] for ratio in claim.ratios(source)]
    values = [ratio.value for ratio in ratios]
    place = _place(claim, readings)
    for applies, reason in claim.exclusions:
        if applies(place):
            return Row(claim, values, Verdict.NOT_CLAIMED, reason)
    each = [ratio.is_at_least(claim.limit) if claim.relation == "≥"
            else ratio.is_at_most(claim.limit) for ratio in ratios]
    verdict = combined(each, claim.needed or len(each))
    if verdict is Verdict.REFUTED and not is_quiet(readings):
        return Row(claim, values, Verdict.UNDECIDED, "the machine was not quiet")
    return Row(claim, values, verdict)


def controls(readings: dict) -> list[Ratio]:
    """One process alone over one per core at once; nothing where that was not measured."""
    return [Ratio(seconds["alone"], seconds["at_once"]) for seconds in readings.get("controls", [])]


def is_quiet(readings: dict) -> bool:
    verdicts = [ratio.is_at_least(QUIET) for ratio in controls(readings)]
    return bool(verdicts) and set(verdicts) == {Verdict.SHOWN}


def combined(each: list[Verdict], needed: int) -> Verdict:
    """The verdict on "at least ``needed`` of these are so"."""
    if each.count(Verdict.SHOWN) >= needed:
        return Verdict.SHOWN
    if len(each) - each.count(Verdict.REFUTED) < needed:
        return Verdict.REFUTED
    return Verdict.UNDECIDED


def _one(readings: dict, part: str, framework: str, experiment: str) -> dict:
    for data in readings[part]:
        if (data["framework"], data["experiment"]) == (framework, experiment):
            return data
    raise LookupError(f"{framework}, {experiment}: not among the {part}")


def _place(claim: Claim, readings: dict) -> Place:
    """GPUs are those that the experiment used: a framework may be there without CUDA."""
    machine = readings["machine"]
    if not claim.experiments:
        return Place(machine["cores"], len(machine["gpus"]))
    devices = _one(readings, "measurements", claim.framework, claim.experiments[0])["devices"]
    return Place(machine["cores"], len(set(re.findall(r"gpu\(\d+|cuda:\d+", str(devices)))))


def _cells(row: Row) -> list[str]:
    claim = row.claim
    values = row.values if claim.needed != 1 else [max(row.values)]
    expected, verdict = f"{claim.relation} {claim.limit:.2f}", row.verdict.value
    if row.verdict is Verdict.NOT_CLAIMED:
        expected = f"not claimed here: {row.reason}"
    elif row.reason:
        verdict += f": {row.reason}"
    return [f"{LABELS[claim.framework]}, {claim.sentence}",
            ", ".join(f"{value:.2f}" for value in values), expected, verdict]


def table(rows: list[Row]) -> str:
    """Markdown: claim, measured, expected here, verdict."""
    lines = [["claim", "measured", "expected here", "verdict"], ["---", "--:", "---", "---"],
             *map(_cells, rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def report(rows: list[Row], readings: dict) -> str:
    """EVIDENCE.md."""
    machine = readings["machine"]
    versions = {name: version for run in readings["runs"]
                for name, version in run["versions"].items()}
    newest = max(readings["runs"], key=lambda run: run["date"])
    counts = {verdict: sum(row.verdict is verdict for row in rows) for verdict in Verdict}
    return TEXT.format(
        date=newest["date"][:10], commit=newest["commit"], processor=machine["processor"],
        cores=machine["cores"], gpus=", ".join(machine["gpus"]) or "none",
        versions=", ".join(f"{name} {version}" for name, version in sorted(versions.items())),
        control=", ".join(f"{ratio.value:.2f}" for ratio in controls(readings)) or "not measured",
        quiet="yes" if is_quiet(readings) else "**no**, so nothing is refuted",
        error=f"{ERROR:.0%}", half=f"{ERROR / 2:.1%}", table=table(rows),
        shown=counts[Verdict.SHOWN], undecided=counts[Verdict.UNDECIDED],
        refuted=counts[Verdict.REFUTED], not_claimed=counts[Verdict.NOT_CLAIMED])


def spin(processes: int) -> None:
    """Start processes that need nothing of each other, and wait for all."""
    started = [subprocess.Popen([sys.executable, "-c", SPIN]) for _ in range(processes)]
    for process in started:
        process.wait()


def control() -> dict:
    """Seconds of the control."""
    cores = hardware()["cores"]
    return interleaved({"alone": lambda: spin(1), "at_once": lambda: spin(cores)})


def run_cells(folder: Path) -> dict:
    """The readings of a build with no records to find, so that every cell runs."""
    shutil.rmtree(folder, ignore_errors=True)
    before = control()
    build = subprocess.run(
        [sys.executable, "-m", "sphinx", "-b", "html", "-q", "-D", "language=en",
         "-D", f"tabcells_cache={folder / 'tabcells'}", "-d", folder / "doctrees", ".",
         folder / "html"], cwd=ROOT, check=False,
        env={**os.environ, "BOOK_LANGUAGE": "en", "BOOK_EXECUTION": "cache"})
    if build.returncode:
        raise SystemExit("evidence: the build failed (see above)")
    published = json.loads((folder / "html" / "measurements.json").read_text("utf-8"))
    readings = {**published, "controls": [before, control()]}
    (folder / "readings.json").write_text(json.dumps(readings, ensure_ascii=False), "utf-8")
    return readings


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Which claims about speed this machine shows.")
    parser.add_argument("readings", type=Path, nargs="?", help="instead of running the cells")
    parser.add_argument("--out", type=Path, default=ROOT)
    given = parser.parse_args(arguments)
    readings = (json.loads(given.readings.read_text("utf-8")) if given.readings
                else run_cells(ROOT / "_build" / "evidence"))
    rows = [judge(claim, readings) for claim in CLAIMS]
    (given.out / "EVIDENCE.md").write_text(report(rows, readings), "utf-8")
    print(table(rows), f"evidence: {given.out / 'EVIDENCE.md'}", sep="\n")
    return int(any(row.verdict is Verdict.REFUTED for row in rows))


if __name__ == "__main__":
    sys.exit(main())

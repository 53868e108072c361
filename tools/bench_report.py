"""The readings of `bench.py` as BENCHMARK.md and a plot; pure but for `write`."""
from __future__ import annotations

import datetime
import importlib.metadata
import platform
import statistics
from dataclasses import dataclass
from pathlib import Path

from tabcells.run import probe

STATES = {"cold": "cold", "rendering": "rendering", "unchanged": "nothing changed",
          "prose": "prose edit"}
NAMES = {"bare": "Sphinx and MyST, code blocks", "off": "with myst-nb, nothing executed",
         "plain": "plain myst-nb, one kernel", "tabs": "tabcells, a kernel per tab"}
PACKAGES = ("sphinx", "myst-nb", "ipykernel")

TEXT = Path(__file__).with_name("bench_report.md").read_text("utf-8")


@dataclass
class Target:
    """One thing to be reached: ``value`` at most ``limit``, both in ``unit``."""

    name: str
    value: float
    limit: float
    unit: str = ""

    @property
    def met(self) -> bool:
        return self.value <= self.limit

    @property
    def verdict(self) -> str:
        return "reached" if self.met else "**not reached**"


def seconds(readings) -> float:
    """The median of some builds' seconds."""
    return statistics.median(reading["seconds"] for reading in readings)


def _paired(work, *readings) -> float:
    """The median over the rounds of ``work`` on what each round took, in seconds."""
    return statistics.median(
        work(*(reading["seconds"] for reading in one)) for one in zip(*readings, strict=True))


def slope(by_pages) -> float:
    """Seconds per further page."""
    return statistics.linear_regression(
        list(by_pages), [seconds(readings) for readings in by_pages.values()]).slope


def bend(by_pages) -> float:
    """Seconds per page from the last size but one to the largest, over those up to there.

    1 for a straight line, 2 or so for a parabola.
    """
    *_, middle, most = sizes = list(by_pages)
    at = {pages: seconds(readings) for pages, readings in by_pages.items()}
    return ((at[most] - at[middle]) / (most - middle)
            / ((at[middle] - at[sizes[0]]) / (middle - sizes[0])))


def memory(states, pages=None) -> float:
    """The peak in MB over all states, of a page or of a size."""
    return max(reading["memory"] for readings in states.values()
               for reading in (readings[pages] if pages else readings))


def targets(page, grown, side, pages) -> list[Target]:
    """What issue and page ask for, with what was reached.

    :param side: readings by contender of ``pages`` pages, cold (``bench.side_by_side``)
    """
    tabs, plain = page["tabs"], page["plain"]
    reached = [
        Target("cold ÷ (the kernels by themselves + plain myst-nb's rendering)",
               _paired(lambda ours, own, rest: ours / (own + rest), tabs["cold"],
                       page["kernels"]["cold"], plain["rendering"]), 1.10),
        Target("nothing changed, above Sphinx's own start",
               _paired(lambda ours, start: ours - start, tabs["unchanged"],
                       page["bare"]["unchanged"]), 1.5, " s"),
        Target("prose edit ÷ the same with myst-nb and nothing executed",
               _paired(lambda ours, rest: ours / rest, tabs["prose"], page["off"]["prose"]), 1.2),
    ]
    sizes = list(grown["tabs"]["cold"])
    if len(sizes) > 2:
        reached += [Target(f"{words}: seconds per page from {sizes[-2]} to {sizes[-1]} pages ÷ "
                           f"from {sizes[0]} to {sizes[-2]}", bend(grown["tabs"][state]), 1.25)
                    for state, words in STATES.items()]
    least, most = sizes[0], sizes[-1]
    reached += [
        Target(f"{pages} pages, cold: two kernels each in 2 jobs ÷ plain myst-nb, one kernel each",
               _paired(lambda ours, plain: ours / plain, side["jobs"], side["plain"]), 1.0),
        Target(f"{most} pages, nothing changed ÷ plain myst-nb",
               _paired(lambda ours, plain: ours / plain, grown["tabs"]["unchanged"][most],
                       grown["plain"]["unchanged"][most]), 1.3)]
    more = {kind: memory(grown[kind], most) - memory(grown[kind], least) for kind in grown}
    reached.append(Target(f"memory that {most} pages take above {least}, beyond plain myst-nb's "
                          f"{more['plain']:.0f} MB", more["tabs"] - more["plain"], 10, " MB"))
    return reached


def _table(head, rows) -> str:
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _range(readings) -> str:
    every = [reading["seconds"] for reading in readings]
    return f"{statistics.median(every):.2f} ({min(every):.2f} to {max(every):.2f})"


def _page_table(page) -> str:
    rows = [[name, *(_range(page[kind][state]) for state in STATES),
             f"{memory(page[kind]):.0f} MB"] for kind, name in NAMES.items()]
    ratio = [f"{_paired(lambda a, b: a / b, page['tabs'][state], page['plain'][state]):.2f}"
             for state in STATES]
    rows.append(["tabcells ÷ plain myst-nb", *ratio,
                 f"{memory(page['tabs']) / memory(page['plain']):.2f}"])
    return _table(["", *STATES.values(), "memory"], rows)


def _side_table(side) -> str:
    rows = [[name, _range(side[kind]),
             f"{statistics.median(reading['cpu'] for reading in side[kind]):.1f}"]
            for kind, name in (("plain", "plain myst-nb, one kernel on each page"),
                               ("jobs", "tabcells, two kernels on each page, 2 jobs"))]
    return _table(["", "seconds", "CPU-seconds"], rows)


def _growth_table(grown) -> str:
    rows = [[str(pages), NAMES[kind].partition(",")[0],
             *(f"{seconds(grown[kind][state][pages]):.2f}" for state in STATES),
             f"{memory(grown[kind], pages):.0f} MB"]
            for pages in grown["tabs"]["cold"] for kind in grown]
    return _table(["pages", "", *STATES.values(), "memory"], rows)


def report(page, grown, side, pages, **about) -> str:
    """BENCHMARK.md.

    :param page: readings by contender and state (``bench.one_page``)
    :param grown: readings by contender, state and number of pages (``bench.growth``)
    :param side: readings by contender of ``pages`` pages, cold (``bench.side_by_side``)
    :param about: the machine: date, processor, cores, python, versions
    """
    sizes = list(grown["tabs"]["cold"])
    reached = [[each.name, f"{each.value:.2f}{each.unit}", f"at most {each.limit:g}{each.unit}",
                each.verdict] for each in targets(page, grown, side, pages)]
    rows = [[NAMES[kind].partition(",")[0], *(f"{slope(by_pages):.3f} s"
             for by_pages in states.values())] for kind, states in grown.items()]
    return TEXT.format(
        page=_page_table(page), kernels=_range(page["kernels"]["cold"]) + " s",
        targets=_table(["", "measured", "to reach", ""], reached),
        side=_side_table(side), side_pages=pages, turns=len(side["plain"]),
        growth=_growth_table(grown),
        slopes=_table(["", *STATES.values()], rows) if len(sizes) > 1 else "",
        least=sizes[0], most=sizes[-1], rounds=len(page["tabs"]["cold"]),
        repeats=len(grown["tabs"]["prose"][sizes[0]]), **about)


def plot(grown, file) -> None:
    """Seconds against pages, a panel for each state, as SVG."""
    import matplotlib
    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "bench"
    from matplotlib import pyplot
    figure, panels = pyplot.subplots(1, 4, figsize=(11, 3), layout="constrained")
    for panel, (state, words) in zip(panels, STATES.items(), strict=True):
        for kind, style in (("plain", "s--"), ("tabs", "o-")):
            by_pages = grown[kind][state]
            panel.plot(list(by_pages), [seconds(readings) for readings in by_pages.values()],
                       style, label=NAMES[kind].partition(",")[0])
        panel.set(title=words, xlabel="pages", ylim=(0, None))
    panels[0].set_ylabel("seconds")
    panels[0].legend(frameon=False)
    figure.savefig(file, metadata={"Date": None})
    pyplot.close(figure)


def write(folder: Path, page, grown, side, pages) -> None:
    """Write BENCHMARK.md and img/benchmark.svg into ``folder``."""
    hardware = probe.hardware()
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    (folder / "img").mkdir(exist_ok=True)
    plot(grown, folder / "img" / "benchmark.svg")
    (folder / "BENCHMARK.md").write_text(report(
        page, grown, side, pages, processor=hardware["processor"], cores=hardware["cores"],
        python=platform.python_version(), versions=versions,
        date=datetime.date.today().isoformat()))

"""What `tabcells` costs over plain myst-nb, and how both grow with the pages; stub cells.

Usage: python -m tools.bench [--runs N] [--pages N,N,...] [--side N] [--out FOLDER]

Writes BENCHMARK.md and img/benchmark.svg, from which nothing is left out: a target that was
missed is in the table as missed.  Every build is a process of its own, timed from outside
(wall clock, peak memory of its largest process).  Contenders take turns, so that a machine
that gets slower does so for all of them.
"""
from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from . import bench_report

ROOT = Path(__file__).resolve().parent.parent
TABS = "ab"
#: The contenders: what each has in its conf.py and how it writes a cell.
KINDS = {
    "bare": ('extensions = ["myst_parser"]', "code-block"),
    "off": ('extensions = ["myst_nb", "sphinx_tabs.tabs"]\nnb_execution_mode = "off"', "code-cell"),
    "plain": ('extensions = ["myst_nb"]\nnb_execution_mode = "cache"', "code-cell"),
    "tabs": ('extensions = ["tabcells"]\ntabcells_tabs = '
             '{n: {"label": n, "kernel": "python3"} for n in "ab"}', "code-cell"),
}
KINDS["jobs"] = (KINDS["tabs"][0] + "\ntabcells_jobs = 2", "code-cell")
#: jsonschema reads grammars for 0.8 s where this is installed; tabcells spares itself that,
#: and here everyone is spared it, as where it is not installed.
SPHINX = """import sys; sys.modules["rfc3987_syntax"] = None
from sphinx.cmd.build import main; sys.exit(main(sys.argv[1:]))"""
#: The least that the cells take: each tab's kernel from its start to the end of its last cell.
KERNELS = """import sys; sys.modules["rfc3987_syntax"] = None
import json, time, nbformat
from nbclient import NotebookClient
total = 0
for cells in json.loads(sys.argv[1]):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    client = NotebookClient(notebook, kernel_name="python3")
    start = time.perf_counter()
    with client.setup_kernel():
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index)
        total += time.perf_counter() - start
print(total)"""

#: Of one build: ``seconds`` (wall clock), ``cpu`` (CPU-seconds of all its processes), ``memory``
#: (MB at the peak), or seconds alone.
Reading = dict[str, float]


def code(page: int, cell: int, sleep: float) -> str:
    """The code of a stub cell; no two in a project are the same."""
    wait = f"import time; time.sleep({sleep})\n" if sleep else ""
    return f"{wait}for line in range(20):\n    print('page {page}, cell {cell}, line', line)"


@dataclass
class Project:
    """A book of ``pages`` pages with six cells each, for one contender."""

    kind: str
    folder: Path
    pages: int
    sleep: float = 0
    edits: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True)
        settings, _ = KINDS[self.kind]
        (self.folder / "conf.py").write_text(
            f'{settings}\nhtml_theme = "basic"\nexclude_patterns = ["_build"]\n')
        names = "\n".join(f"page{i}" for i in range(self.pages))
        (self.folder / "index.md").write_text(f"# Contents\n\n```{{toctree}}\n{names}\n```\n")
        for i in range(self.pages):
            (self.folder / f"page{i}.md").write_text(self._page(i))

    def _page(self, number) -> str:
        _, directive = KINDS[self.kind]
        text = f"# Page {number}\n\nEdited 0 times.\n"
        if directive == "code-cell":
            text = ("---\nfile_format: mystnb\nkernelspec: {name: python3, display_name: p}\n"
                    "---\n" + text)
        for cell in range(6):
            tab = f":tab: {TABS[cell % 2]}\n" if self.kind in ("tabs", "jobs") else ""
            text += (f"\nWhat cell {cell} is about, in a sentence.\n\n```{{{directive}}} python\n"
                     f"{tab}\n{code(number, cell, self.sleep)}\n```\n")
        return text

    def cold(self) -> Reading:
        """Nothing is there."""
        shutil.rmtree(self.folder / "_build", ignore_errors=True)
        return self._build(executed=2 * self.pages)

    def rendering(self) -> Reading:
        """All outputs are on record; every page is read and written."""
        shutil.rmtree(self.folder / "_build" / "html")
        return self._build(executed=0)

    def unchanged(self) -> Reading:
        return self._build(executed=0)

    def prose(self) -> Reading:
        """One sentence of one page is another."""
        page = self.folder / "page0.md"
        was, self.edits = f"Edited {self.edits} times.", self.edits + 1
        page.write_text(page.read_text().replace(was, f"Edited {self.edits} times."))
        return self._build(executed=0)

    def _build(self, executed) -> Reading:
        before = self._runs()
        took = timed([sys.executable, "-c", SPHINX, "-q", "-b", "html", ".", "_build/html"],
                     self.folder)
        if self.kind in ("tabs", "jobs") and self._runs() - before != executed:
            raise SystemExit(f"bench: {self._runs() - before} tabs ran, not {executed}")
        return took

    def _runs(self) -> int:
        log = self.folder / "_build" / "tabcells" / "executions.jsonl"
        return len(log.read_text().splitlines()) if log.exists() else 0


def timed(command, folder) -> Reading:
    """How long a command takes in ``folder``.

    :returns: ``seconds`` (wall clock), ``cpu`` (seconds of this and of the processes it has waited
        for), ``memory`` (MB at the peak of the largest)
    """
    with tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, stdout=said, stderr=said,
                                   env={**os.environ, "PYTHONPATH": str(ROOT)})
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise SystemExit(f"bench: a build failed\n{said.read().decode()[-3000:]}")
    return {"seconds": seconds, "cpu": usage.ru_utime + usage.ru_stime,
            "memory": usage.ru_maxrss / 1000}


def kernels(sleep) -> Reading:
    """Seconds that the kernels of one page take by themselves, start and cells."""
    cells = [[code(0, cell, sleep) for cell in range(6) if cell % 2 == tab] for tab in (0, 1)]
    done = subprocess.run([sys.executable, "-c", KERNELS, json.dumps(cells)], check=True,
                          capture_output=True, text=True)
    return {"seconds": float(done.stdout)}


def one_page(folder, runs, sleep) -> dict[str, dict[str, list[Reading]]]:
    """Readings ``{contender: {state: [reading of each round]}}`` of a page of six cells."""
    projects = {kind: Project(kind, folder / kind, 1, sleep) for kind in KINDS
                if kind != "jobs"}
    readings: dict[str, dict[str, list[Reading]]] = {"kernels": {"cold": []}}
    for _ in range(runs):
        readings["kernels"]["cold"].append(kernels(sleep))
        for kind, project in projects.items():
            for state in ("cold", "rendering", "unchanged", "prose"):
                readings.setdefault(kind, {}).setdefault(state, []).append(
                    getattr(project, state)())
    return readings


def growth(folder, sizes, runs) -> dict[str, dict[str, dict[int, list[Reading]]]]:
    """The same with ``pages``: ``{contender: {state: {pages: [reading, ...]}}}``; cold once."""
    readings: dict[str, dict[str, dict[int, list[Reading]]]] = {}
    for pages in sizes:
        projects = {kind: Project(kind, folder / f"{kind}-{pages}", pages)
                    for kind in ("plain", "tabs")}
        for state in ("cold", *["rendering", "unchanged", "prose"] * runs):
            for kind, project in projects.items():
                print(f"bench: {pages} pages, {kind}, {state}", flush=True)
                readings.setdefault(kind, {}).setdefault(state, {}).setdefault(pages, []).append(
                    getattr(project, state)())
    return readings


def side_by_side(folder, pages, runs) -> dict[str, list[Reading]]:
    """Readings ``{contender: [reading, ...]}`` of so many pages, cold: one job against two."""
    projects = {kind: Project(kind, folder / f"side-{kind}", pages) for kind in ("plain", "jobs")}
    readings: dict[str, list[Reading]] = {kind: [] for kind in projects}
    for _ in range(runs):
        for kind, project in projects.items():
            print(f"bench: {pages} pages side by side, {kind}, cold", flush=True)
            readings[kind].append(project.cold())
    return readings


def main(arguments=None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--pages", default="1,50,100,200",
                        type=lambda text: [int(n) for n in text.split(",")])
    parser.add_argument("--sleep", type=float, default=0.2, help="seconds, of each cell")
    parser.add_argument("--side", type=int, default=30, help="pages that run side by side")
    parser.add_argument("--out", type=Path, default=ROOT)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        page = one_page(Path(folder), given.runs, given.sleep)
        grown = growth(Path(folder), given.pages, max(1, given.runs // 2))
        side = side_by_side(Path(folder), given.side, max(1, given.runs // 3))
    bench_report.write(given.out, page, grown, side, given.side)
    print(f"bench: {given.out / 'BENCHMARK.md'}")


if __name__ == "__main__":
    main()

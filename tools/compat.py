"""Build a small page with tabs on several Pythons and versions: tabcells/COMPAT.md is the table.

Usage: compat.py [NAME ...]     All sets, and the table is written; or those alone, and it is not.

Each set is a virtual environment of its own in _build/compat; the oldest is what the bounds in
pyproject.toml begin with.  Of Pythons those are taken that uv or pyenv has on this machine.
Ends with 1 where a set does not build.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "_build" / "compat"
TABLE = ROOT / "tabcells" / "COMPAT.md"
PACKAGES = ("Sphinx", "docutils", "myst-nb", "myst-parser", "ipykernel", "IPython", "sphinx-tabs")

#: Each tab's cell, and what its kernel alone can print: no panel holds it before a cell has run.
CELLS = {"one": ('python', 'print("one", 6 * 7)', "one 42"),
         "two": ('python', 'print("two", 6 * 8)', "two 48"),
         "sh": ('bash', 'let x=6*9\necho "sh $x"', "sh 54")}
SHARED = ("print(100 + 11)", "111")

HEAD = """\
# Versions

By `make compat`, on {system}: in each row a project with tabs is built with `-n -W` from another \
folder, and every panel must hold what its kernel printed. Its tabs are two Python kernels and, \
where bash_kernel can be installed, a Bash kernel.

"""


@dataclass(frozen=True)
class Set:
    """What one virtual environment holds besides tabcells.

    ``names`` are further requirements; ``oldest`` takes the first version that each bound of
    pyproject.toml allows; ``jupyter_book`` builds with `jupyter-book build`.
    """

    name: str
    python: str
    names: tuple[str, ...] = ()
    oldest: bool = False
    jupyter_book: bool = False


SETS = (
    Set("oldest", "3.10", oldest=True),
    Set("sphinx-8", "3.12", ("sphinx<9", "myst-nb<1.4")),
    Set("jupyter-book-1", "3.11", ("jupyter-book>=1.0.4,<2",), jupyter_book=True),
    *(Set(f"newest-{python}", python) for python in ("3.10", "3.11", "3.12", "3.13")),
)


class Failure(Exception):
    """Why a set does not build, in words for its row."""


def run(*words, cwd: Path = WORK) -> str:
    """What a command prints.

    :raises Failure: it ended with another code than 0; its last lines went to the terminal
    """
    env = {**os.environ, "NO_COLOR": "1", "UV_PYTHON_DOWNLOADS": "never", "PATH": search_path()}
    done = subprocess.run([*map(str, words)], cwd=cwd, env=env, capture_output=True, text=True,
                          check=False, timeout=600)
    if done.returncode:
        print(*(done.stdout + done.stderr).splitlines()[-20:], sep="\n", file=sys.stderr)
        raise Failure(f"{Path(words[0]).name} ended with {done.returncode}")
    return done.stdout


def search_path() -> str:
    """PATH with pyenv's Pythons in front: its own commands run the one that is selected."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    folders = sorted(map(str, pyenv.glob("versions/*/bin")))
    return os.pathsep.join([*folders, os.environ["PATH"]])


def uv(*words) -> str:
    return run(sys.executable, "-m", "uv", *words)


def wheel() -> Path:
    """The extension's wheel, of the files that git knows."""
    names = subprocess.run(["git", "ls-files", "-z", "tabcells"], cwd=ROOT, capture_output=True,
                           text=True, check=True).stdout.split("\0")[:-1]
    for name in [*names, "pyproject.toml", "LICENSE"]:
        (WORK / "source" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, WORK / "source" / name)
    uv("build", "-q", "--wheel", "-o", WORK / "wheel", WORK / "source")
    return next((WORK / "wheel").glob("*.whl"))


def install(chosen: Set, package: Path) -> tuple[Path, list[str]]:
    """The Python of a new environment with this set, and the tabs that have a kernel there."""
    python = WORK / chosen.name / "venv" / "bin" / "python"
    uv("venv", "-q", "-p", chosen.python, python.parent.parent)
    resolution = ("--resolution", "lowest-direct") if chosen.oldest else ()
    uv("pip", "install", "-q", "-p", python, *resolution, "-r", ROOT / "pyproject.toml", package,
       *chosen.names)
    uv("pip", "check", "-q", "-p", python)
    try:
        uv("pip", "install", "-q", "-p", python, "bash_kernel")
    except Failure:
        return python, ["one", "two"]
    return python, list(CELLS)


def write_project(folder: Path, tabs: list[str], book: bool) -> None:
    """Two pages: a cell in each tab; a cell that Bash could not run, shared by Python's tabs.

    :param book: of Jupyter Book, whose table of contents is a file
    """
    for tab in tabs:
        kernel = folder / "kernels" / f"stub-{tab}" / "kernel.json"
        kernel.parent.mkdir(parents=True)
        module = "bash_kernel" if tab == "sh" else "ipykernel_launcher"
        kernel.write_text(json.dumps({
            "argv": ["python", "-m", module, "-f", "{connection_file}"], "display_name": tab,
            "language": CELLS[tab][0]}))
    settings = {tab: {"label": tab.title(), "kernel": f"stub-{tab}"} for tab in tabs}
    if book:  # JSON is YAML, too
        (folder / "_config.yml").write_text(json.dumps({
            "title": "Tabs", "only_build_toc_files": True,
            "sphinx": {"extra_extensions": ["tabcells"], "config": {"tabcells_tabs": settings}}}))
        (folder / "_toc.yml").write_text(json.dumps(
            {"format": "jb-book", "root": "index", "chapters": [{"file": "shared"}]}))
    else:
        (folder / "conf.py").write_text(
            f'extensions = ["tabcells"]\ntabcells_tabs = {settings!r}\n')
    front = "---\nfile_format: mystnb\n---\n"
    cells = [f"```{{code-cell}} {language}\n:tab: {tab}\n{code}\n```\n"
             for tab, (language, code, _) in CELLS.items() if tab in tabs]
    pages = {"index": ["# Tabs\n", *cells], "shared": [
        "# A cell of both\n", *cells[:2], f"Text.\n\n```{{code-cell}} python\n{SHARED[0]}\n```\n"]}
    for name, blocks in pages.items():
        toctree = [] if (name != "index" or book) else ["```{toctree}\nshared\n```\n"]
        (folder / f"{name}.md").write_text("\n".join([front, *blocks, *toctree]))


def check(page: Path, expected: dict[str, list[str]]) -> None:
    """:raises Failure: a panel that lacks what its kernel printed"""
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(page.read_text("utf-8"), "html.parser")
    for tab, texts in expected.items():
        printed = [output.get_text() for output in
                   soup.select(f'[role=tabpanel][data-tab="{tab}"] .cell_output')]
        for text in texts:
            if not any(text in output for output in printed):
                raise Failure(f"{page.name}: tab {tab} lacks {text!r}")


def build(chosen: Set, python: Path, tabs: list[str]) -> None:
    """:raises Failure: the build failed, or lost an output"""
    folder = WORK / chosen.name / "book"
    write_project(folder, tabs, chosen.jupyter_book)
    if chosen.jupyter_book:
        run(python.with_name("jupyter-book"), "build", "-n", "-W", "--keep-going", folder)
        html = folder / "_build" / "html"
    else:
        html = WORK / chosen.name / "html"
        run(python, "-m", "sphinx", "-b", "html", "-n", "-W", "--keep-going", folder, html)
    check(html / "index.html", {tab: [CELLS[tab][2]] for tab in tabs})
    check(html / "shared.html", {tab: [CELLS[tab][2], SHARED[1]] for tab in tabs[:2]})


def try_set(chosen: Set, package: Path) -> list[str]:
    """The set's row of the table."""
    shutil.rmtree(WORK / chosen.name, ignore_errors=True)
    unknown = ["-"] * len(PACKAGES)
    try:
        uv("python", "find", "-q", chosen.python)
    except Failure:
        return [chosen.name, chosen.python, *unknown, "not tried here: no such Python"]
    try:
        python, tabs = install(chosen, package)
    except Failure as failure:
        return [chosen.name, chosen.python, *unknown, f"no: {failure}"]
    held = {entry["name"].lower().replace("_", "-"): entry["version"] for entry in
            json.loads(uv("pip", "list", "-q", "-p", python, "--format", "json"))}
    version = run(python, "-c", "import platform; print(platform.python_version())").strip()
    row = [chosen.name, version, *(held.get(name.lower(), "-") for name in PACKAGES)]
    try:
        build(chosen, python, tabs)
    except Failure as failure:
        return [*row, f"no: {failure}"]
    return [*row, "yes" if "sh" in tabs else "yes, without Bash"]


def table(rows: list[list[str]]) -> str:
    """Markdown."""
    lines = [["set", "Python", *PACKAGES, "ok"], ["---"] * (len(PACKAGES) + 3), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main(*names: str) -> int:
    if unknown := set(names) - {chosen.name for chosen in SETS}:
        sys.exit(f"compat: no set {', '.join(sorted(unknown))}; there is "
                 f"{', '.join(chosen.name for chosen in SETS)}")
    WORK.mkdir(parents=True, exist_ok=True)
    for folder in ("source", "wheel"):
        shutil.rmtree(WORK / folder, ignore_errors=True)
    package, rows = wheel(), []
    for chosen in SETS:
        if not names or chosen.name in names:
            rows.append(try_set(chosen, package))
            print(" | ".join(rows[-1]), flush=True)
    if not names:
        system = f"{platform.system()} {platform.machine()}"
        TABLE.write_text(HEAD.format(system=system) + table(rows), "utf-8")
        print(f"compat: {TABLE.relative_to(ROOT)} is written")
    return 1 if any(row[-1].startswith("no:") for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

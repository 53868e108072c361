"""The book from the outputs on record: what it needs, and how quickly it is there."""
import importlib.metadata
import json
import os
import resource
import subprocess
import sys
import venv

import pytest
from bs4 import BeautifulSoup
from conftest import CHAPTER, PAGES, ROOT

from tabcells import imports, probe

FRAMEWORKS = ("mxnet", "torch", "torchvision", "d2l", "nvtx")


@pytest.fixture(scope="module")
def renderer(tmp_path_factory):
    """A Python that has what requirements-render.txt installs, and nothing else."""
    folder = tmp_path_factory.mktemp("renderer")
    venv.create(folder, symlinks=True)
    target = next(folder.glob("lib/python*/site-packages"))
    lines = (ROOT / "requirements-render.txt").read_text().splitlines()
    wanted = [probe.canonical(line.partition("==")[0]) for line in lines if "==" in line]
    for name in imports.closure(probe.packages(), frozenset(), wanted):
        for file in importlib.metadata.distribution(name).files:
            top, source = file.parts[0], file.locate().parent
            if top not in ("..", "__pycache__") and not (target / top).exists():
                for _ in file.parts[1:]:
                    source = source.parent
                (target / top).symlink_to(source / top)
    return folder / "bin" / "python"


def test_without_frameworks_the_full_site_is_rendered(renderer, site, tmp_path):
    absent = f"import importlib.util as u; print([n for n in {FRAMEWORKS!r} if u.find_spec(n)])"
    assert subprocess.run([renderer, "-c", absent], text=True, capture_output=True,
                          check=True).stdout.strip() == "[]"
    runs = executions()
    done = subprocess.run(
        [renderer, "-m", "sphinx", "-b", "html", "-n", "-W", "--keep-going", "-d",
         tmp_path / "trees", "-D", "language=en", "-D", "tabcells_execution=off", ".",
         tmp_path / "out"], cwd=ROOT, capture_output=True, text=True, timeout=300,
        env={**os.environ, "BOOK_LANGUAGE": "en", "PYTHONNOUSERSITE": "1"})
    assert done.returncode == 0, done.stdout + done.stderr
    assert executions() == runs and "no record" not in done.stdout
    for page in PAGES:
        here, full = (BeautifulSoup((folder / CHAPTER / f"{page}.html").read_text("utf-8"),
                                    "html.parser") for folder in (tmp_path / "out", site / "en"))
        for part in (".cell_output", "svg", "[role=tabpanel]", "table"):
            assert len(here.select(part)) == len(full.select(part)), (page, part)
        assert here.select(".cell_output")
        assert "kept from an earlier run of this code" in here.get_text()
    published, whole = (json.loads((folder / "measurements.json").read_text())
                        for folder in (tmp_path / "out", site / "en"))
    assert published == whole


def executions():
    log = ROOT / "_build" / "tabcells" / "executions.jsonl"
    return log.read_text() if log.exists() else ""


def seconds_of(command, **where):
    """CPU seconds of a command and what it starts: those of others do not count."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True, **where)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_a_rebuild_without_changes_takes_little_more_than_sphinxs_start(site, tmp_path):
    (tmp_path / "index.rst").write_text("Title\n=====\n")
    (tmp_path / "conf.py").write_text("")
    sphinx = [sys.executable, "-m", "sphinx", "-b", "html"]
    book = [*sphinx, "-d", tmp_path / "trees", "-D", "language=en", ".", tmp_path / "book"]
    own = {"cwd": ROOT, "env": {**os.environ, "BOOK_LANGUAGE": "en", "BOOK_EXECUTION": "cache",
                                 "TABCELLS_BUILD": "a test's"}}
    empty = [*sphinx, tmp_path, tmp_path / "out"]
    for command, where in ((book, own), (empty, {})):
        seconds_of(command, **where)
    runs = executions()
    above = min(seconds_of(book, **own) for _ in range(3)) - min(
        seconds_of(empty) for _ in range(3))
    assert executions() == runs
    assert 0 < above < 1.5, f"{above:.2f} s above Sphinx's own start-up"

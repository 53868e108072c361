"""The book from the outputs on record: what it needs, the same bytes each time, and then at rest.

English is built twice, the second time by a Python without frameworks, and what the tests ask for
is asked of these builds.  `make html` has built Vietnamese with the same code.
"""
import importlib.metadata
import json
import os
import re
import subprocess
import sys
import uuid
import venv

import pytest
from bs4 import BeautifulSoup
from conftest import CHAPTER, PAGES, ROOT

from tabcells.run import imports, probe

FRAMEWORKS = ("mxnet", "torch", "torchvision", "d2l", "nvtx")
#: To `tabcells` all builds of these tests are one, which has run nothing.
BUILD = uuid.uuid4().hex
LANGUAGE = "en"
#: The builds stay with the worker that has made them.
pytestmark = pytest.mark.xdist_group("rendering")


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


def build(python, out, seed, *options):
    """English as `make html` builds it, from what is on record; returns what Sphinx said.

    The build began when every run on record had long ended.
    """
    done = subprocess.run(
        [python, "-m", "sphinx", "-b", "html", "-n", "-W", "--keep-going", *options,
         "-d", out.with_suffix(".trees"), "-D", f"language={LANGUAGE}", ".", out],
        capture_output=True, text=True, timeout=900, cwd=ROOT, env={
            **os.environ, "BOOK_LANGUAGE": LANGUAGE, "BOOK_EXECUTION": "off", "NO_COLOR": "1",
            "BOOK_BEGAN": "2100-01-01T00:00:00+00:00", "TABCELLS_BUILD": BUILD,
            "PYTHONHASHSEED": seed, "PYTHONNOUSERSITE": "1"})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def twice(site, renderer, tmp_path_factory):
    """The folders of two builds, and what Sphinx said of the second."""
    folder = tmp_path_factory.mktemp("twice")
    one, two = folder / "out1", folder / "out2"
    runs = executions()
    build(sys.executable, one, "1")
    said = build(renderer, two, "2", "-j2")
    assert executions() == runs
    return one, two, said


def executions():
    log = ROOT / "_build" / "tabcells" / "executions.jsonl"
    return log.read_text() if log.exists() else ""


def content(file):
    """A file's bytes; where numbers are kept, a Python without frameworks words it differently."""
    return re.sub(rb"(The numbers are kept from an earlier run)[^.]*\.", rb"\1.", file.read_bytes())


def files(folder):
    """All that is published: what Sphinx notes for itself names the folders of its packages."""
    return {str(file.relative_to(folder)): file for file in folder.rglob("*")
            if file.is_file() and not file.name.startswith(".buildinfo")}


def test_two_builds_are_byte_equal_and_a_third_rewrites_no_page(twice):
    folder = twice[0]
    one, two = (files(folder) for folder in twice[:2])
    assert len(one) > 50 and sorted(one) == sorted(two)
    assert [name for name in one if content(one[name]) != content(two[name])] == []
    before = {name: (file.stat().st_mtime_ns, file.read_bytes()) for name, file in one.items()
              if name.endswith(".html") and name != "search.html"}  # Sphinx's own, of no source
    assert "0 added, 0 changed, 0 removed" in build(sys.executable, folder, "3")
    assert before == {name: (one[name].stat().st_mtime_ns, one[name].read_bytes())
                      for name in before}


def test_without_frameworks_the_full_site_is_rendered(renderer, twice, site):
    absent = f"import importlib.util as u; print([n for n in {FRAMEWORKS!r} if u.find_spec(n)])"
    assert subprocess.run([renderer, "-c", absent], text=True, capture_output=True,
                          check=True).stdout.strip() == "[]"
    _, out, said = twice
    assert "no record" not in said
    for page in PAGES:
        here, full = (BeautifulSoup((folder / CHAPTER / f"{page}.html").read_text("utf-8"),
                                    "html.parser") for folder in (out, site / "en"))
        for part in (".cell_output", "svg", "[role=tabpanel]", "table"):
            assert len(here.select(part)) == len(full.select(part)), (page, part)
        assert here.select(".cell_output")
        assert "kept from an earlier run of this code" in here.get_text()
    published, whole = (json.loads((folder / "measurements.json").read_text())
                        for folder in (out, site / "en"))
    assert published == whole

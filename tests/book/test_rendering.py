"""The book from the outputs on record: what it needs, the same bytes each time, and then at rest.

Each language is built twice, in English the second time by a Python without frameworks, and
what the tests ask for is asked of these builds.
"""
import functools
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
from conftest import CHAPTER, LANGUAGES, PAGES, ROOT

from tabcells.run import imports, probe

FRAMEWORKS = ("mxnet", "torch", "torchvision", "d2l", "nvtx")
#: To `tabcells` all builds of these tests are one, which has run nothing.
BUILD = uuid.uuid4().hex
#: A language's builds stay with the worker that has made them.
GROUP = {language: pytest.mark.xdist_group(f"rendering-{language}") for language in LANGUAGES}


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


def command(python, language, out, *options):
    """One language as `make html` builds it."""
    return [python, "-m", "sphinx", "-b", "html", "-n", "-W", "--keep-going", *options,
            "-d", out.with_suffix(".trees"), "-D", f"language={language}", ".", out]


def environment(language, seed, execution="off"):
    """Of a build that began when every run on record had long ended."""
    return {"cwd": ROOT, "env": {
        **os.environ, "BOOK_LANGUAGE": language, "BOOK_EXECUTION": execution, "NO_COLOR": "1",
        "BOOK_BEGAN": "2100-01-01T00:00:00+00:00", "TABCELLS_BUILD": BUILD,
        "PYTHONHASHSEED": seed, "PYTHONNOUSERSITE": "1"}}


def build(python, language, out, seed, *options):
    """Build a language from what is on record; returns what Sphinx said."""
    done = subprocess.run(command(python, language, out, *options), capture_output=True,
                          text=True, timeout=900, **environment(language, seed))
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def twice(site, renderer, tmp_path_factory):
    """``twice(language)``: the folders of two builds, and what Sphinx said of the second."""
    @functools.cache
    def twice(language):
        folder = tmp_path_factory.mktemp(f"twice-{language}")
        one, two = folder / "out1", folder / "out2"
        runs = executions()
        build(sys.executable, language, one, "1")
        python = renderer if language == "en" else sys.executable
        said = build(python, language, two, "2", "-j2")
        assert executions() == runs
        return one, two, said
    return twice


def executions():
    log = ROOT / "_build" / "tabcells" / "executions.jsonl"
    return log.read_text() if log.exists() else ""


def content(file):
    """A file's bytes; where numbers are kept, a Python without frameworks words it differently."""
    return re.sub(rb"(The numbers are kept from an earlier run)[^.]*\.", rb"\1.", file.read_bytes())


def files(folder):
    return {str(file.relative_to(folder)): file for file in folder.rglob("*") if file.is_file()}


@pytest.mark.parametrize("language", [pytest.param(lang, marks=GROUP[lang]) for lang in LANGUAGES])
def test_two_builds_are_byte_equal_and_a_third_rewrites_no_page(twice, language):
    folder = twice(language)[0]
    one, two = (files(folder) for folder in twice(language)[:2])
    assert len(one) > 50 and sorted(one) == sorted(two)
    assert [name for name in one if content(one[name]) != content(two[name])] == []
    before = {name: (file.stat().st_mtime_ns, file.read_bytes()) for name, file in one.items()
              if name.endswith(".html") and name != "search.html"}  # Sphinx's own, of no source
    assert "0 added, 0 changed, 0 removed" in build(sys.executable, language, folder, "3")
    assert before == {name: (one[name].stat().st_mtime_ns, one[name].read_bytes())
                      for name in before}


@GROUP["en"]
def test_without_frameworks_the_full_site_is_rendered(renderer, twice, site):
    absent = f"import importlib.util as u; print([n for n in {FRAMEWORKS!r} if u.find_spec(n)])"
    assert subprocess.run([renderer, "-c", absent], text=True, capture_output=True,
                          check=True).stdout.strip() == "[]"
    _, out, said = twice("en")
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

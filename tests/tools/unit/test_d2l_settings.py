"""d2lbook/conf.py: what of a checkout is built, run and left out."""
import os
import runpy
import sys

import pytest
from conftest import ROOT

INI = """[project]
title = T
author = Ann Ey
release = {release}
{language}
[build]
tabs = tensorflow, mxnet, pytorch
notebooks = *.md */*.md
"""


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """``settings(release, language, **environment)``: those of a checkout."""
    def run(release="1.0", language="", **environment):
        (tmp_path / "config.ini").write_text(INI.format(
            release=release, language=f"lang = {language}" if language else ""))
        monkeypatch.setattr(sys, "path", sys.path[:])
        for name in ("D2L_PAGES", "D2L_RUN", "BOOK_EXECUTION"):
            monkeypatch.setenv(name, "")
        monkeypatch.setenv("BOOK_LANGUAGE", "")  # it sets this; back as it was, afterwards
        for name, value in {"D2L_SOURCE": str(tmp_path), "D2L_SOURCES": str(tmp_path),
                            **environment}.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(ROOT / "d2lbook" / "conf.py"))
    return run


def test_without_a_word_all_pages_are_built_and_run_on_each_core(settings, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 1, 5})
    said = settings()
    assert said["tabcells_jobs"] == 3
    # Else readers meet the class that begins this paragraph.
    assert said["tabcells_provenance"].startswith("{{.") and (
        "attrs_block" in said["myst_enable_extensions"])
    assert said["include_patterns"] == ["*.md", "*/*.md"] and "tabcells_pages" not in said
    assert said["suppress_warnings"] == [] and said["language"] == "en"
    assert said["tabcells_d2l"] == {"without": ["tensorflow"]}


def test_some_pages_are_built_and_some_of_them_run(settings):
    said = settings(D2L_PAGES="a/*.md b/*.md", D2L_RUN="a/x.md a/y.md")
    assert said["include_patterns"] == ["index.md", "chapter_references/*.md", "a/*.md", "b/*.md"]
    assert said["tabcells_pages"] == {"**": {"execution": "off"}, "a/x.md": {"execution": "cache"},
                                      "a/y.md": {"execution": "cache"}}
    assert "toc.excluded" in said["suppress_warnings"]


def test_each_language_has_its_sources_and_its_words(settings, tmp_path):
    vietnamese = settings(language="vi")
    assert vietnamese["book_languages"] == {"vi": (str(tmp_path), ".md")}
    assert vietnamese["bibtex_reference_style"] == "author_year_vi"
    turkish = settings(language="tr")
    assert turkish["language"] == "tr" and turkish["bibtex_reference_style"] == "author_year_en"
    assert os.environ["BOOK_LANGUAGE"] == "en"


@pytest.mark.parametrize("release, pinned", [("0.17.5", "0.17.5"), ("2.0.0", "0.17.6")])
def test_downloads_install_the_package_for_which_the_pages_are_written(settings, release, pinned):
    assert settings(release)["book_pins"] == {"d2l": pinned}

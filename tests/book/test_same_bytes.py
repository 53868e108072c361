"""The real book, built twice from what has been executed: the same bytes, and then at rest."""
import os
import subprocess
import sys

import pytest
from conftest import LANGUAGES, ROOT


def build(language, out, seed, *options):
    """One language as `make html` does it, but nothing is executed; returns what Sphinx said."""
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-b", "html", "-n", "-W", "--keep-going", *options,
         "-d", out.with_suffix(".trees"), "-D", f"language={language}", ".", out],
        cwd=ROOT, capture_output=True, text=True, timeout=240,
        env={**os.environ, "BOOK_LANGUAGE": language, "BOOK_EXECUTION": "off", "NO_COLOR": "1",
             "BOOK_BEGAN": "2026-01-01T00:00:00+00:00", "TABCELLS_BUILD": "one",
             "PYTHONHASHSEED": seed})
    assert done.returncode == 0, done.stderr
    return done.stdout


def files(folder):
    return {str(file.relative_to(folder)): file for file in folder.rglob("*") if file.is_file()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_builds_are_byte_equal_and_a_third_rewrites_no_page(site, tmp_path, language):
    build(language, tmp_path / "out1", "1")
    build(language, tmp_path / "out2", "2", "-j2")
    one, two = files(tmp_path / "out1"), files(tmp_path / "out2")
    assert len(one) > 50 and sorted(one) == sorted(two)
    assert [name for name in one if one[name].read_bytes() != two[name].read_bytes()] == []
    before = {name: (file.stat().st_mtime_ns, file.read_bytes()) for name, file in one.items()
              if name.endswith(".html") and name != "search.html"}  # Sphinx's own, of no source
    assert "0 added, 0 changed, 0 removed" in build(language, tmp_path / "out1", "3")
    assert before == {name: (one[name].stat().st_mtime_ns, one[name].read_bytes())
                      for name in before}

"""`make bench` in small, for real: every build succeeds and runs what its state says."""
import os

import pytest
from conftest import ROOT, peak_memory, sphinx_build

from tools import bench


def build(command, folder):
    """In the place of `bench.timed` a build in this process; what it takes is not told."""
    done = sphinx_build(command[3:], folder, {**os.environ, "TABCELLS_BUILD": ""})
    assert done.returncode == 0, done.stderr
    return {"seconds": 1.0, "cpu": 1.0, "memory": 1.0}


@pytest.fixture
def here(monkeypatch):
    monkeypatch.setattr(bench, "timed", build)


def test_a_small_bench_writes_its_table_and_plot(here, tmp_path):
    bench.main(["--runs", "1", "--pages", "1,2", "--sleep", "0", "--side", "1",
                "--out", str(tmp_path)])
    text = (tmp_path / "BENCHMARK.md").read_text("utf-8")
    assert "| 2 | plain myst-nb | " in text and "| 2 | tabcells | " in text
    assert "| 1 pages, cold: two kernels each in 2 jobs" in text
    assert "| tabcells, two kernels on each page, 2 jobs | 1.00 (1.00 to 1.00) | 1.0 |" in text
    assert "From 1 to 2 pages" in text and (tmp_path / "img" / "benchmark.svg").exists()


def test_a_state_that_runs_what_it_should_not_stops_the_bench(here, tmp_path):
    project = bench.Project("tabs", tmp_path / "tabs", 1)
    project.cold()
    page = project.folder / "page0.md"
    page.write_text(page.read_text().replace("cell 0, line", "cell zero, line"))
    with pytest.raises(SystemExit, match="1 tabs ran, not 0"):
        project.prose()


def test_looking_up_the_outputs_of_many_pages_takes_no_more_memory_than_of_few(
        here, tmp_path, monkeypatch):
    """3 MB on each; when pages are read, Sphinx itself keeps all that it is about to write."""
    monkeypatch.setattr(bench, "code", lambda page, cell, sleep: (
        f"for i in range(10): print('page {page}, cell {cell}', i, 'x' * 33_000)"))
    peak = {}
    for pages in (2, 10):
        project = bench.Project("tabs", tmp_path / str(pages), pages)
        project.cold()
        peak[pages] = peak_memory(["-q", "-b", "html", ".", "_build/html"], project.folder,
                                  {**os.environ, "PYTHONPATH": str(ROOT)})
        assert project._runs() == 2 * pages  # once each, when nothing was there
    assert peak[10] < peak[2] + 7

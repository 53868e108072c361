"""Disks that are full or read-only, mounted for real; stub kernels."""
import os
import subprocess
import sys
from contextlib import contextmanager, nullcontext

import pytest
from conftest import ROOT
from test_projects import BOTH, cell, panels


def contents(folder):
    return {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@contextmanager
def mounted(folder, *options):
    """``folder`` as a file system of its own; the test is skipped where none can be mounted."""
    folder.mkdir(parents=True, exist_ok=True)
    if subprocess.run(["mount", *options, folder], capture_output=True).returncode:
        pytest.skip("a file system can't be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)  # a process may still be there


def small_disk(folder, size="1m"):
    return mounted(folder, "-t", "tmpfs", "-o", f"size={size}", "tmpfs")


@contextmanager
def read_only(folder):
    with mounted(folder, "--bind", folder):
        subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
        yield


def fill(folder):
    """Write until not one byte more fits."""
    with pytest.raises(OSError), open(folder / "filler", "wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)


def cache_of(project):
    return project.folder / "_build" / "tabcells"


def test_a_full_disk_is_told_and_site_and_cache_stay(project):
    with small_disk(cache_of(project)):
        project.write(BOTH)
        assert project.build().returncode == 0
        site = contents(project.folder / "out")
        project.write(BOTH.replace("'first'", "'x' * 3_000_000"))
        done = project.build()
        assert done.returncode == 2 and "tabcells, can't be used" in done.stderr, done.stderr
        assert "No space left" in done.stderr or "disk is full" in done.stderr
        assert "[tab a]" in done.stderr
        assert {**contents(project.folder / "out"), **site} == contents(project.folder / "out")
        project.write(BOTH)
        done = project.build()
        assert done.returncode == 0 and "cell 1 of" not in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("size, filled", [(3_000_000, False), (40, True), (200_000, True)])
def test_a_run_that_does_not_fit_leaves_the_record_before_it(project, size, filled):
    """`make html FRESH=1` on a full disk: the last good record of the tab is not given up."""
    project.write(cell("a", "print('x' * int(open('size').read()))"))
    with small_disk(cache_of(project)) as cache:
        (project.folder / "size").write_text("30")
        assert project.build().returncode == 0
        (project.folder / "size").write_text(str(size))
        if filled:
            fill(cache)
        done = project.build("-D", "tabcells_execution=force")
        assert done.returncode == 2 and "tabcells, can't be used" in done.stderr, done.stderr
        (project.folder / "size").write_text("30")  # what the record was made from
        done = project.build()
        assert done.returncode == 0 and "cell 1 of" not in done.stdout, done.stdout + done.stderr
        assert "warning" not in done.stderr and "x" * 30 in dict(panels(project.html()))["Tab A"]
        assert not list(cache.glob("records/*new*"))
        (cache / "filler").unlink(missing_ok=True)
        (project.folder / "size").write_text("20")
        assert project.build("-D", "tabcells_execution=force").returncode == 0
        assert all(run["ok"] for run in project.runs())  # no half line in the log
        text = dict(panels(project.html()))["Tab A"]
        assert "x" * 20 in text and "x" * 30 not in text


def test_a_read_only_cache_is_read_and_a_run_into_it_is_refused_before_it_begins(project):
    project.write(BOTH)
    assert project.build().returncode == 0
    with read_only(cache_of(project)):
        project.write("New prose.\n\n" + BOTH)
        done = project.build()
        assert done.returncode == 0 and "cell 1 of" not in done.stdout, done.stderr
        site = contents(project.folder / "out")
        project.write(BOTH.replace("'of-a'", "'new-a'"))
        done = project.build()
        assert done.returncode == 2 and "cell 1 of" not in done.stdout
        assert "index.md:6: [tab a] the folder of the runs, " in done.stderr
        assert "can't be used" in done.stderr and "Read-only" in done.stderr
        assert {**contents(project.folder / "out"), **site} == contents(project.folder / "out")
    assert project.build().returncode == 0 and "first new-a" in project.html()


@pytest.mark.parametrize("place", ["out", "_build/tabcells"])
def test_a_folder_that_cannot_be_is_told(project, place):
    project.write(BOTH)
    (project.folder / place).parent.mkdir(exist_ok=True)
    (project.folder / place).write_text("a file")
    done = project.build()
    assert done.returncode == 2 and place in done.stderr, done.stderr
    assert (project.folder / place).read_text() == "a file"


@pytest.mark.parametrize("place", ["out", "trees"])
def test_a_read_only_output_folder_is_told_before_any_cell_runs(project, place):
    project.write(BOTH)
    assert project.build(doctrees="trees").returncode == 0
    site, runs = contents(project.folder / "out"), project.runs()
    project.write(BOTH.replace("'of-a'", "'new-a'"))
    with read_only(project.folder / place):
        done = project.build(doctrees="trees")
        assert done.returncode == 2 and "Traceback" not in done.stderr
        assert f"{project.folder / place} can't be written to" in done.stderr
    assert contents(project.folder / "out") == site and project.runs() == runs
    assert project.build(doctrees="trees").returncode == 0 and "first new-a" in project.html()


@pytest.mark.parametrize("place", ["out", "trees"])
def test_a_full_output_folder_is_told_and_no_run_is_lost(project, place):
    with small_disk(project.folder / place, "8m") as disk:
        project.write(BOTH)
        assert project.build(doctrees="trees").returncode == 0
        project.write(BOTH.replace("'of-a'", "'new-a'") + "More.\n\n" * 9000)
        fill(disk)
        done = project.build(doctrees="trees")
        assert done.returncode in (1, 2) and "Traceback" not in done.stderr, done.stderr
        assert "No space left" in done.stderr and f"{project.folder / place}" in done.stderr
        (disk / "filler").unlink()
        done = project.build(doctrees="trees")
        assert done.returncode == 0 and "cell 1 of" not in done.stdout, done.stderr
        assert "first new-a" in project.html() and project.html().count("More.") == 9000


def published(build, text, size):
    """`tools.publish` for one language of two pages, in a process of its own."""
    pages = build / "work" / "vi"
    pages.mkdir(parents=True, exist_ok=True)
    for name in ("page.html", "other.html"):
        (pages / name).write_text(text * size)
    return subprocess.run(
        [sys.executable, "-c", "import sys; from pathlib import Path; from tools import publish; "
         "publish.main(['vi'], Path(sys.argv[1]))", build / "site"],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True)


@pytest.mark.parametrize("trouble", ["full", "read-only"])
def test_a_publish_that_cannot_write_is_one_line_and_the_site_stays(tmp_path, trouble):
    disk = tmp_path / "site"
    with small_disk(disk):
        (disk / "work").symlink_to(tmp_path / "work")
        done = published(tmp_path, "good", 50_000)
        assert done.returncode == 0, done.stderr
        site = contents(disk)
        with read_only(disk) if trouble == "read-only" else nullcontext():
            done = published(tmp_path, "new", 300_000)
        assert done.returncode == 1 and done.stderr.count("\n") == 1, done.stderr
        assert done.stderr.startswith(f"publish: {disk}/html is as it was: [Errno ")
        assert ("No space left" if trouble == "full" else "Read-only") in done.stderr
        assert contents(disk) == site and sorted(p.name for p in disk.iterdir()) == ["html", "work"]
        assert published(tmp_path, "new", 60_000).returncode == 0
        assert (disk / "html" / "vi" / "page.html").read_text().startswith("newnew")

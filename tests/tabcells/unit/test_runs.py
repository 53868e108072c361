"""Runs without kernels: their turns, and what an unchanged page needs of their records."""
import asyncio
import dataclasses
import functools
import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from types import SimpleNamespace

import nbformat
import pytest

from tabcells.page.split import split
from tabcells.run import kernels, tabs
from tabcells.run.store import Records
from tabcells.settings import Settings, Tab

HARDWARE = {"processor": "P", "cores": 2, "gpus": []}
KERNEL = kernels.Kernel("stub", "python", {}, {"python": "3", "hardware": HARDWARE,
                                               "packages": {}}, start=None,
                        observable=True)
PAGE = split("---\nfile_format: mystnb\n---\n# T\n\n```{code-cell} python\n:tab: a\n\n1\n```\n",
             "p.md", ["a"])


class Worker:
    """Runs cells by writing ``text`` down as what each prints; its run has read ``read``."""

    def __init__(self, text="one", read=None, waited=0.0):
        self.runner, self.waited, self.text, self.read = self, waited, text, read or {}
        self.printed = ""

    def turn(self, tab):
        return nullcontext()

    async def run(self, notebook, kernel, timeouts, progress, root, helpers, limit, observer,
                  folder):
        done = nbformat.from_dict(json.loads(json.dumps(notebook)))
        for cell in done.cells:
            cell.outputs = [nbformat.v4.new_output("stream", text=self.text)]
        observer.files = self.read
        return done


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setattr(kernels, "local_kernel", functools.cache(lambda *_: KERNEL))
    tabs.begin()
    yield tabs.Place(Settings(tabs={"a": Tab("A", "stub")}, execution="cache"), "p",
                     str(tmp_path), "", str(tmp_path / "cache"), "en", "first")
    tabs.begin()


def in_a_loop(work):
    """What ``work`` returns, in a thread of its own: a browser's tests have a loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def run(place, **worker):
    return in_a_loop(tabs.TabRun(PAGE, "a", place).obtain(Worker(**worker)))


def next_build(place, **settings):
    tabs.begin()
    return dataclasses.replace(place, build=place.build + "+", settings=dataclasses.replace(
        place.settings, **settings))


@pytest.fixture
def no_reading(monkeypatch):
    def forbid():
        monkeypatch.setattr(Records, "_read", lambda *_: pytest.fail("a record was read"))
    return forbid


def test_a_record_whose_file_is_as_it_was_is_not_read_again(place, no_reading):
    run(place)
    first, summaries = tabs.state_of(PAGE, place)
    no_reading()
    for _ in range(2):
        place = next_build(place)
        state, summaries = tabs.state_of(PAGE, place, summaries)
        assert state == first and "null" not in state


def test_what_a_provenance_says_of_new_and_kept_is_told_without_reading_too(place, no_reading):
    place = next_build(place, provenance="{state}")
    run(place)
    first, summaries = tabs.state_of(PAGE, place)
    later = next_build(place)
    whole, _ = tabs.state_of(PAGE, later)
    no_reading()
    later = next_build(later)
    assert tabs.state_of(PAGE, later, summaries)[0] == whole != first


def test_another_run_is_another_state(place):
    run(place)
    first, summaries = tabs.state_of(PAGE, place)
    place = next_build(place, execution="force")
    run(place, text="two")
    place = next_build(place, execution="cache")
    assert tabs.state_of(PAGE, place, summaries) != (first, summaries)
    assert tabs.state_of(PAGE, place, summaries) == tabs.state_of(PAGE, place)


def test_a_file_that_a_run_has_read_counts_without_reading_its_record(place, tmp_path):
    data = tmp_path / "data.csv"
    data.write_text("1")
    run(place, read={"data.csv": tabs.files.digest_of(str(data))})
    first, summaries = tabs.state_of(PAGE, place)
    assert tabs.state_of(PAGE, next_build(place), summaries)[0] == first
    data.write_text("2")
    assert tabs.state_of(PAGE, next_build(place), summaries)[0] == tabs.state_of(
        PAGE, next_build(place))[0] != first


@pytest.mark.parametrize("settings", [{"execution": "force"}, {"execution": "off"}], ids=str)
def test_other_ways_to_execute_say_what_they_say_without_a_memory(place, settings):
    run(place)
    _, summaries = tabs.state_of(PAGE, place)
    place = next_build(place, **settings)
    assert tabs.state_of(PAGE, place, summaries)[0] == tabs.state_of(PAGE, place)[0]


def test_outputs_that_are_cut_are_read_again_since_the_limit_may_be_another(place):
    run(place)
    [file] = Records(place.cache)._files.iterdir()
    record = json.loads(file.read_text())
    record["cells"][0]["outputs"] = [nbformat.v4.new_output(
        "display_data", {"text/plain": "[5 more bytes]"},
        metadata={"tabcells-cut": {"dropped": 5, "limit": place.settings.output_limit}})]
    file.write_text(json.dumps(record))
    place = next_build(place)
    first, summaries = tabs.state_of(PAGE, place)
    assert "null" not in first
    other = next_build(place, output_limit=9)
    assert tabs.state_of(PAGE, other, summaries)[0] == tabs.state_of(PAGE, other)[0] != first


@pytest.mark.parametrize("jobs, ahead", [(1, False), (2, True), (3, True)])
def test_a_kernel_starts_ahead_where_cells_may_run_side_by_side(jobs, ahead):
    begun, running, most = [], set(), 0

    async def work(task, worker):
        nonlocal most
        begun.append(task)
        async with worker.runner.turn():
            running.add(task)
            most = max(most, len(running))
            for _ in range(50):  # the others come as far as they can
                await asyncio.sleep(0)
            count = len(begun)
            running.remove(task)
        return count

    counts = tabs.work_off(range(3 * jobs), work, jobs)
    assert most == jobs and begun == sorted(begun)
    assert counts[0] == jobs + ahead


def test_waiting_for_its_turn_is_no_part_of_what_a_run_took(place, monkeypatch):
    clock = SimpleNamespace(time=iter([1000.0, *[1030.0] * 9]).__next__)
    monkeypatch.setattr(tabs, "time", clock)
    _, provenance = run(place, waited=20.0)
    assert provenance["seconds"] == 10.0 and provenance["started"] == 1000.0
    log = (Records(place.cache).folder / "executions.jsonl").read_text()
    assert json.loads(log)["seconds"] == 10.0


def test_git_is_asked_once_in_a_build(tmp_path, monkeypatch):
    tabs.begin()
    asked = []
    monkeypatch.setattr(tabs.subprocess, "run", lambda words, **_: (
        asked.append(words) or subprocess.CompletedProcess(words, 0, "abc\n")))
    assert tabs.commit_of(str(tmp_path)) == tabs.commit_of(str(tmp_path)) == "abc+"
    assert len(asked) == 2
    tabs.begin()
    tabs.commit_of(str(tmp_path))
    assert len(asked) == 4
    tabs.begin()

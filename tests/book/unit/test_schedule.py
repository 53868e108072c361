"""The model of an experiment: examples by hand, what holds for any jobs, and its picture."""
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings, strategies as st

from book.schedule.drawing import DASHES, MACHINE, picture, points
from book.schedule.model import (
    Job,
    critical,
    latest,
    limit,
    mlp,
    ratios,
    run_and_copy,
    simulate,
    step_of,
    two_devices,
)
from evidence import graph

VALUES = {"first": 2.0, "second": 1.0, "n": 20, "wait": "end", "streams": 2}


def end(jobs, slots=0):
    runs = simulate(jobs, slots)
    return runs[latest(runs)].end


def test_two_devices_take_as_long_as_the_longer_part_and_more_where_the_host_waits():
    assert end(two_devices(VALUES)) == pytest.approx(2)
    assert end(two_devices(VALUES | {"wait": "between"})) == pytest.approx(3)
    assert end(two_devices(VALUES | {"wait": "call"})) == pytest.approx(3)


def test_few_slots_hold_the_second_device_until_the_first_is_nearly_done():
    values = VALUES | {"first": 1.0}
    jobs = two_devices(values)
    # The second's first product gets the slot of the first's product 17 of 20.
    assert simulate(jobs, 4)[20].start == pytest.approx(17 / 20)
    assert end(jobs, 4) == pytest.approx(36 / 20 + 1 / 20)
    assert end(jobs, 40) == pytest.approx(1)
    speedup, efficiency = ratios(values, jobs, simulate(jobs, 40))
    assert (speedup, efficiency) == (pytest.approx(2), pytest.approx(1))


def test_copies_overlap_in_a_queue_of_their_own_alone():
    assert end(run_and_copy(VALUES | {"streams": 1})) == pytest.approx(3)
    assert end(run_and_copy(VALUES | {"wait": "between"})) == pytest.approx(3)
    assert end(run_and_copy(VALUES)) == pytest.approx(2 + 1 / 20)  # the last copy stands alone


#: Seconds of each task of the MLP on the first device; on the second, two more.
SECONDS = {"W₁": 5, "W₂": 2, "loss": 1, "∂W₂": 3, "∂W₁": 6, "Σ ∂W₂": 4, "Σ ∂W₁": 2}


def step():
    return step_of({"name": task.name, "lane": task.lane, "needs": task.needs,
                    "seconds": SECONDS.get(task.name.removesuffix(" 1").removesuffix(" 2"), 0)
                    + 2 * task.name.endswith(" 2")} for task in graph.mlp())


def test_the_time_of_a_task_is_the_mean_of_both_devices():
    values = step()
    assert {name: values[name] for name in SECONDS} == {
        **{name: seconds + 1 for name, seconds in SECONDS.items()}, "Σ ∂W₂": 4, "Σ ∂W₁": 2}
    assert [task["name"] for task in values["tasks"]] == [
        *(f"{name} {i}" for i in "12" for name in ("W₁", "W₂", "loss", "∂W₂", "∂W₁")),
        "Σ ∂W₂", "Σ ∂W₁"]


def test_a_step_of_the_mlp_by_hand():
    values = {**step(), **SECONDS, "n": 1, "wait": "end"}
    jobs = mlp(values)
    runs = dict(zip([job.name for job in jobs], simulate(jobs), strict=True))
    for device in "12":  # 5, 2, 1, 3, 6 one after the other
        assert [runs[f"{name} {device}, 1"].end for name in ("W₁", "W₂", "loss", "∂W₂", "∂W₁")] == [
            5, 7, 8, 11, 17]
    assert (runs["Σ ∂W₂, 1"].start, runs["Σ ∂W₁, 1"].start) == (11, 17)
    assert end(jobs) == 19
    assert end(mlp({**values, "wait": "call"})) == sum(job.seconds for job in jobs) == 40
    assert end(mlp({**values, "Σ ∂W₂": 8})) == 21  # in the queue before Σ ∂W₁
    # A second step's first layer needs the new W₁ of the first.
    two = mlp({**values, "n": 2})
    assert end(two) == end(mlp({**values, "n": 2, "wait": "between"})) == 38
    assert two[12].needs == ("Σ ∂W₁, 1",) and two[13].needs == ("W₁ 1, 2", "Σ ∂W₂, 1")
    # The longest path: W₁, W₂, loss, ∂W₁, Σ ∂W₁ (16); the first device's work: 17.
    assert limit(values, jobs) == 17
    assert limit({**values, "loss": 9}, mlp({**values, "loss": 9, "∂W₂": 1})) == 24
    assert ratios(values, jobs, simulate(jobs)) == (pytest.approx(40 / 19), pytest.approx(17 / 19))


@st.composite
def graphs(draw):
    queues = st.lists(st.sampled_from("abc"), min_size=1, max_size=2, unique=True)
    jobs = []
    for number in range(draw(st.integers(1, 12))):
        names = [job.name for job in jobs]
        jobs.append(Job(str(number), tuple(draw(queues)), draw(st.integers(1, 9)),
                        tuple(draw(st.lists(st.sampled_from(names), max_size=2)) if names else ()),
                        slot=draw(st.booleans()), wait=draw(st.booleans())))
    return jobs, draw(st.integers(0, 3))


@settings(max_examples=60, derandomize=True)
@given(graphs())
def test_any_jobs_run_one_at_a_time_in_a_queue_after_what_they_need(graph):
    jobs, slots = graph
    runs = simulate(jobs, slots)
    names = {job.name: run for job, run in zip(jobs, runs, strict=True)}
    for job, run in zip(jobs, runs, strict=True):
        assert run.end == run.start + job.seconds
        assert all(names[need].end <= run.start for need in job.needs)
        assert run.start == 0 if run.because is None else runs[run.because].end == run.start
    for queue in "abc":
        own = [run for job, run in zip(jobs, runs, strict=True) if queue in job.queues]
        assert all(a.end <= b.start for a, b in pairwise(own))
    for number, job in enumerate(jobs):
        if job.wait:
            assert all(run.start >= runs[number].end for run in runs[number + 1:])
    if slots:
        own = [run for job, run in zip(jobs, runs, strict=True) if job.slot]
        assert all(a.end <= b.start for a, b in zip(own, own[slots:]))
    chain = critical(runs)
    assert runs[chain[0]].start == 0 and chain[-1] == latest(runs)
    assert sum(jobs[index].seconds for index in chain) == runs[chain[-1]].end


def test_the_picture_has_a_bar_per_job_and_outlines_what_the_end_waited_for():
    jobs = run_and_copy(VALUES | {"n": 2})
    svg = ElementTree.fromstring(picture(jobs, simulate(jobs), {"first": "a & b", "second": "c"},
                                         "in <words>"))
    space = "{http://www.w3.org/2000/svg}"
    bars = svg.findall(f"{space}rect")
    assert [bar.get("class") for bar in bars] == [
        "compute critical", "copy", "compute critical", "copy critical"]
    assert bars[0].get("x") == "0.00%" and float(bars[2].get("x")[:-1]) == pytest.approx(40)
    assert svg.findtext(f"{space}title") == "in <words>"
    assert svg.findtext(f"{space}text") == "a & b"


def test_a_bar_has_its_name_where_it_is_wide_enough():
    jobs = mlp({**step(), **SECONDS, "loss": 0.1, "n": 1, "wait": "end"})
    lanes = {name: name for name in graph.MLP_COLUMNS}
    svg = ElementTree.fromstring(picture(jobs, simulate(jobs), lanes, ""))
    names = [text.text for text in svg.iter("{http://www.w3.org/2000/svg}text")
             if text.get("class") == "label"]
    assert names == ["W₁", "W₂", "∂W₂", "∂W₁", "W₁", "W₂", "∂W₂", "∂W₁", "Σ ∂W₂"]


def test_points_are_readings_and_strokes_the_model():
    space = "{http://www.w3.org/2000/svg}"
    svg = ElementTree.fromstring(points([
        {"machine": "a & b", "readings": [1, 1.5], "model": 2},
        {"machine": "c", "readings": [1.2], "model": None}], 1.8, 4, "in <words>", "p"))
    assert [circle.get("cx") for circle in svg.iter(f"{space}circle")] == [
        "25.00%", "37.50%", "30.00%"]
    lines = {line.get("class"): line.get("x1") for line in svg.iter(f"{space}line")}
    assert (lines["model"], lines["current"]) == ("50.00%", "45.00%")
    assert sum(map(int, DASHES.split())) == MACHINE  # else it would run through labels
    assert [text.text for text in svg.iter(f"{space}text")] == ["a & b", "c", "1", "2", "3", "4"]

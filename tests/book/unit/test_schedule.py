"""The model of an experiment: examples by hand, what holds for any jobs, and its picture."""
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings, strategies as st

from book.schedule.directive import picture
from book.schedule.model import (
    Job,
    critical,
    latest,
    ratios,
    run_and_copy,
    simulate,
    two_devices,
)

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
    speedup, efficiency = ratios(values, simulate(jobs, 40))
    assert (speedup, efficiency) == (pytest.approx(2), pytest.approx(1))


def test_copies_overlap_in_a_queue_of_their_own_alone():
    assert end(run_and_copy(VALUES | {"streams": 1})) == pytest.approx(3)
    assert end(run_and_copy(VALUES | {"wait": "between"})) == pytest.approx(3)
    assert end(run_and_copy(VALUES)) == pytest.approx(2 + 1 / 20)  # the last copy stands alone


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

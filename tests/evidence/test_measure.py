"""What is made of readings: rounds, ratios, crossings."""
import time

import pytest

from evidence import measure
from evidence.compare import compare
from evidence.graph import Task
from evidence.profilers import mxnet_task
from evidence.trace import Bar


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still but where a work ``takes`` time."""
    now = [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])

    def takes(*seconds):
        readings = iter(seconds)

        def work():
            now[0] += next(readings, seconds[-1])
        return work
    return takes


def test_a_round_of_warm_up_and_seven_that_count(clock):
    assert measure.interleaved({"a": clock(9, 1, 2, 3, 4, 5, 6, 7, 8)}) == {
        "a": [1, 2, 3, 4, 5, 6, 7]}


@pytest.mark.parametrize("warm_up, order", [(0, "abc cba abc"), (1, "cba abc cba abc"),
                                            (2, "abc cba abc cba abc")])
def test_rounds_go_forth_and_back(warm_up, order):
    calls = []
    works = {name: lambda name=name: calls.append(name) for name in "abc"}
    seconds = measure.interleaved(works, 3, warm_up)
    assert "".join(calls) == order.replace(" ", "")
    assert {name: len(values) for name, values in seconds.items()} == dict.fromkeys("abc", 3)


def test_readings_are_rounded_to_a_tenth_of_a_microsecond(clock):
    assert measure.interleaved({"a": clock(0.123456789)}, 1) == {"a": [0.1234568]}


def test_a_pair(clock):
    data = measure.pair("f", "e", ["d", 2], first=clock(1), second=clock(2),
                        both=clock(99, 2.5, 2.5, 2.5, 2.5, 2.5, 2.5, 90), reason="r")
    assert data == {
        "kind": "pair", "framework": "f", "experiment": "e", "works": ["first", "second", "both"],
        "devices": ["d", "2"], "parts": ["d", "2"], "reason": "r", "speedup": 1.2,
        "efficiency": 0.8, "seconds": {"first": [1] * 7, "second": [2] * 7,
                                       "both": [2.5] * 6 + [90]}}
    data = measure.pair("f", "e", ["d"], first=clock(1), second=clock(1), both=clock(1),
                        repeats=2, parts=("x", "y"))
    assert data["parts"] == ["x", "y"] and data["reason"] == ""
    assert data["seconds"]["both"] == [1, 1]


@pytest.mark.parametrize("cores, devices, given, reason", [
    (1, ["cpu, thread 1", "cpu(1)"], "", "one-core"), (2, ["cpu(0)", "cpu(1)"], "", ""),
    (1, ["gpu(0)", "cpu(0)"], "", ""), (1, ["cpu(0)", "cpu(1)"], "one-queue", "one-queue")])
def test_one_core_is_a_reason_where_none_is_given(cores, devices, given, reason, clock,
                                                  monkeypatch):
    monkeypatch.setattr(measure, "usable_cores", lambda: cores)
    assert measure.pair("f", "e", devices, first=clock(1), second=clock(1), both=clock(2),
                        reason=given)["reason"] == reason


def test_ratios_are_of_medians_and_of_the_longer_parts_least_and_have_four_digits():
    seconds = {"first": [3, 3.02, 90], "second": [1, 1, 1], "both": [3.1, 3.1, 3.1]}
    assert measure.ratios(seconds) == {"speedup": 1.2968, "efficiency": 0.9677}
    swapped = {"first": seconds["second"], "second": seconds["first"], "both": seconds["both"]}
    assert measure.ratios(swapped) == measure.ratios(seconds)


def test_a_versus(clock):
    data = measure.versus("f", "e", [1], slow=clock(3), fast=clock(2))
    assert data == {"kind": "versus", "framework": "f", "experiment": "e", "devices": ["1"],
                    "works": ["slow", "fast"], "speedup": 1.5, "efficiency": None,
                    "seconds": {"slow": [3] * 7, "fast": [2] * 7}}
    given = {"slow": [1, 1, 9], "fast": [3, 3, 0.1]}
    assert measure.versus("f", "e", [], seconds=given)["speedup"] == 0.3333
    assert measure.versus("f", "e", [], slow=clock(1), fast=clock(1), repeats=3)["seconds"] == {
        "slow": [1] * 3, "fast": [1] * 3}


@pytest.mark.parametrize("works, words", [
    ({}, "got none"), ({"a": None}, "got a"), (dict.fromkeys("abc"), "got a, b, c")])
def test_two_works_are_compared_no_more_no_less(works, words):
    with pytest.raises(ValueError, match=words):
        measure.versus("f", "e", [], **works)
    with pytest.raises(ValueError, match=words):
        measure.versus("f", "e", [], seconds={name: [1] for name in works})


def test_a_curve(clock):
    data = measure.curve("f", "e", [1], sizes=(10, 20), works={
        "a": clock, "b": lambda size: clock(15)})
    assert data == {"kind": "curve", "framework": "f", "experiment": "e", "devices": ["1"],
                    "works": ["a", "b"], "sizes": [10, 20], "crossover": 20,
                    "seconds": {"a": [[10] * 5, [20] * 5], "b": [[15] * 5] * 2}}
    given = {"b": [[1] * 5, [2] * 5], "a": [[3] * 5, [1] * 5]}
    data = measure.curve("f", "e", [], sizes=[1, 2], seconds=given)
    assert data["works"] == ["b", "a"] and data["seconds"] == given and data["crossover"] == 2


@pytest.mark.parametrize("first, second, size", [
    ([2, 2, 2], [1, 1, 1], 10), ([1, 2, 2], [2, 1, 1], 20), ([1, 1, 2], [2, 2, 1], 30),
    ([1, 1, 1], [2, 2, 2], None), ([2, 2, 1], [1, 1, 2], None),
    ([2, 1, 2], [1, 2, 1], 30),  # won, lost, won for good
    ([2, 1, 2], [1, 1, 1], 30),  # a tie breaks a lead
    ([1], [1], None), ([], [], None)])
def test_a_crossover_is_the_size_from_which_on_the_second_leads(first, second, size):
    assert measure.crossover([10, 20, 30], [[v] * 5 for v in first],
                             [[v] * 5 for v in second]) == size


def test_a_crossover_is_where_the_readings_show_it():
    assert measure.crossover([1], [[2, 2, 2, 2, 2]], [[1, 1, 1, 1, 1.9]]) == 1
    assert measure.crossover([1], [[2, 2, 2, 2, 2]], [[1, 1, 1, 1, 2.1]]) is None
    assert measure.crossover([1], [[2] * 4], [[1] * 4]) is None  # too few


# Readings that decide nothing

SCATTERED, CALM = (1, 5, 2, 4, 3, 5, 1), (2,) * 7


def test_readings_that_decide_nothing_are_taken_once_more_and_stay(clock):
    data = measure.versus("f", "e", [], slow=clock(9, *SCATTERED, 9, *CALM),
                          fast=clock(9, *SCATTERED, 9, *(1,) * 7))
    assert data["earlier"] == {"slow": [*SCATTERED], "fast": [*SCATTERED]}
    assert data["seconds"] == {"slow": [2] * 7, "fast": [1] * 7} and data["speedup"] == 2


def test_no_third_time(clock):
    calls = []
    work = clock(*SCATTERED * 9)

    def counted():
        calls.append(work())
    data = measure.bound("f", "e", [], sequential=counted, parallel=clock(3), limit=1)
    assert len(calls) == 2 * (1 + 7) and compare(*data["seconds"].values()) == "open"


@pytest.mark.parametrize("slow, repeats", [
    (CALM, 7),  # told apart
    (SCATTERED[:4], 4),  # as many more would be too few again
    ([100 * value for value in SCATTERED], 7)])  # too long
def test_nothing_is_taken_again_without_need_use_or_time(clock, slow, repeats):
    data = measure.pair("f", "e", ["a", "b"], first=clock(1), second=clock(*slow[:1], *slow),
                        both=clock(3.1 if slow == CALM else slow[2]), repeats=repeats)
    assert "earlier" not in data


def test_readings_taken_elsewhere_are_taken_again_where_a_function_takes_them():
    answers = [{"a": [*SCATTERED], "b": [*SCATTERED]}, {"a": [2] * 7, "b": [1] * 7}]
    data = measure.versus("f", "e", [], seconds=lambda: answers.pop(0))
    assert data["seconds"]["b"] == [1] * 7 and data["earlier"]["b"] == [*SCATTERED]
    given = {"a": [*SCATTERED], "b": [*SCATTERED]}
    assert "earlier" not in measure.versus("f", "e", [], seconds=given)
    with pytest.raises(ValueError, match="got a"):
        measure.versus("f", "e", [], seconds=lambda: {"a": [1]})


def test_of_a_curve_the_sizes_that_decide_nothing_are_taken_again():
    asked = []

    def take(sizes):
        asked.append(list(sizes))
        unclear = {"a": [1, 5, 2, 4, 3], "b": [2.5] * 5}
        clear = {"a": [2] * 5, "b": [1] * 5}
        return {name: [(unclear if size == 20 and len(asked) == 1 else clear)[name]
                       for size in sizes] for name in "ab"}
    data = measure.curve("f", "e", [], sizes=[10, 20, 30], seconds=take)
    assert asked == [[10, 20, 30], [20]] and data["crossover"] == 10
    assert data["earlier"] == {"a": [[], [1, 5, 2, 4, 3], []], "b": [[], [2.5] * 5, []]}
    assert data["seconds"] == {"a": [[2] * 5] * 3, "b": [[1] * 5] * 3}
    given = {"a": [[1, 5, 2, 4, 3]], "b": [[2.5] * 5]}
    assert "earlier" not in measure.curve("f", "e", [], sizes=[1], seconds=given)


def test_a_bound(clock):
    data = measure.bound("f", "e", [1], sequential=clock(4), parallel=clock(3),
                         limit=2.123456789)
    assert data == {"kind": "bound", "framework": "f", "experiment": "e", "devices": ["1"],
                    "works": ["sequential", "parallel"], "limit": 2.1234568, "speedup": 1.3333,
                    "efficiency": 0.7078, "seconds": {"sequential": [4] * 7, "parallel": [3] * 7}}
    skewed = measure.bound("f", "e", [], sequential=clock(4, 4, 4, 90), limit=1, repeats=3,
                           parallel=clock(2, 2, 2, 90))
    assert skewed["speedup"] == 2 and skewed["efficiency"] == 0.5
    assert len(skewed["seconds"]["parallel"]) == 3


def test_a_timeline():
    bars = [Bar("a", "x", 0, 2.00000006, "compute"), Bar("b", "y", 1.00000006, 4, "copy")]
    data = measure.timeline("f", "e", bars)
    assert data.pop("cores") == measure.usable_cores() >= 1
    assert data == {
        "kind": "timeline", "framework": "f", "experiment": "e",
        "bars": [["a", "x", 0, 2.0000001, "compute"], ["b", "y", 1.0000001, 4, "copy"]],
        "busy": 4, "shared": 1, "share": 0.25}


def test_a_timeline_of_a_graph_keeps_its_tasks_and_what_each_costs():
    def at(start, end, task=""):
        return Bar("a", "x", start, end, "compute", task)

    graph = [Task("w", "weights", "l"), Task("t", "do", "l", ("w",)), Task("u", "do", "m", ("t",))]
    data = measure.timeline("f", "e", [at(0, 1), at(1, 2, "t")], graph, [at(0, 0.25, "t")])
    assert data["bars"] == [["a", "x", 0, 1, "compute"], ["a", "x", 1, 2, "compute", "t"]]
    assert data["tasks"] == [
        {"name": "w", "lane": "l", "needs": [], "seconds": 0},
        {"name": "t", "lane": "l", "needs": ["w"], "seconds": 0.25},
        {"name": "u", "lane": "m", "needs": ["t"], "seconds": 0}]


def test_notebooks_of_before_keep_the_type_of_evidence():
    assert measure.MIME == "application/vnd.evidence+json"


def test_where_no_trace_is_recorded_a_task_is_a_plain_call():
    assert mxnet_task("Σ ∂W₂", pow, 2, 3) == 8

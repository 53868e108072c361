"""Traces as profilers write them, as they should not be, and their plots."""
import functools
import itertools
import json
import random
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from conftest import ROOT
from hypothesis import given, settings, strategies as st

import evidence.trace
from evidence.plots import curve_svg, pair_svg, timeline_svg
from evidence.trace import (
    Bar,
    TraceError,
    chrome_trace,
    merge_small,
    overlap,
    read_trace,
    task_seconds,
)

MXNET = ROOT / "tests/data/mxnet-two-cpus.json"
TORCH = ROOT / "tests/data/torch-two-threads.json"
WORDS = {"compute": "tính toán", "copy": "sao chép", "enqueue": "xếp hàng", "alt": "Hai <làn>",
         "milliseconds": "mili giây", "seconds": "giây", "size": "kích thước"}


def kinds(bars):
    return Counter((bar.lane, bar.name, bar.kind) for bar in bars)


def complete(name, ts, dur, cat="operator", pid=0, tid=1, **args):
    return {"ph": "X", "name": name, "cat": cat, "ts": ts, "dur": dur, "pid": pid, "tid": tid,
            "args": args}


def half(ph, name, ts, tid=1):
    return {"ph": ph, "name": name, "cat": "operator", "ts": ts, "pid": 0, "tid": tid}


def spans(bars):
    return [(bar.name, round(bar.start * 1e6), round(bar.end * 1e6)) for bar in bars]


# --- Real traces ---------------------------------------------------------------------------

def test_mxnet_has_a_lane_per_device():
    bars = read_trace(MXNET)
    assert kinds(bars) == {("cpu/0", "_np_dot", "compute"): 4, ("cpu/1", "_np_dot", "compute"): 4,
                           ("cpu/0", "CopyCPU2CPU", "copy"): 2}
    assert bars[0].start == 0
    assert bars == sorted(bars, key=lambda bar: (bar.lane, bar.start))
    assert overlap(bars)["share"] == pytest.approx(0.965, abs=0.001)


def test_torch_has_a_lane_per_thread():
    bars = read_trace(TORCH)
    assert kinds(bars) == {("thread 1", "aten::matmul", "compute"): 4,
                           ("thread 2", "aten::matmul", "compute"): 4,
                           ("thread 3", "aten::clone", "copy"): 1}
    assert overlap(bars)["share"] == pytest.approx(0.949, abs=0.001)


@pytest.mark.parametrize("file", (MXNET, TORCH), ids=lambda path: path.stem)
def test_a_path_a_text_and_an_object_are_the_same(file):
    text = file.read_text("utf-8")
    events = json.loads(text)["traceEvents"]
    random.Random(1).shuffle(events)
    bars = read_trace(file)
    assert bars == read_trace(str(file)) == read_trace(text) == read_trace(json.loads(text))
    assert bars == read_trace(events)
    assert bars == read_trace(json.dumps(events)[:-1])  # no bracket at the end
    assert bars == read_trace(json.dumps(events)[:-1] + ",\n")
    assert bars == read_trace(chrome_trace(bars)) == read_trace(json.dumps(chrome_trace(bars)))


# --- A trace made by hand: no GPU was at hand ----------------------------------------------

def test_hand_made_cuda_trace():
    bars = read_trace([
        complete("aten::sub", 4, 2, "cpu_op", 99, 99),
        complete("aten::mm", 10, 20, "cpu_op", 99, 99),
        complete("cudaLaunchKernel", 15, 5, "cuda_runtime", 99, 99),
        complete("aten::to", 40, 30, "cpu_op", 99, 99),
        complete("aten::copy_", 42, 26, "cpu_op", 99, 99),
        complete("cuMemcpyAsync", 45, 5, "cuda_driver", 99, 99),
        complete("aten::add", 80, 5, "cpu_op", 99, 99),
        complete("cudaStreamSynchronize", 81, 2, "cuda_runtime", 99, 99),
        complete("aten::mul", 14, 8, "cpu_op", 99, 98),  # a thread that launches nothing
        complete("ampere_sgemm_128x64_nn", 30, 100, "kernel", 0, 7, device=0, stream=7),
        complete("Memcpy DtoH (Device -> Pinned)", 60, 50, "gpu_memcpy", 0, 20),
        complete("Memset (Device)", 25, 1, "gpu_memset", 1, 7),
        complete("PyTorch Profiler (0)", 0, 900, "Trace", "Spans", "PyTorch Profiler"),
        complete("train", 0, 900, "user_annotation", 99, 99)])
    assert kinds(bars) == {
        ("thread 1", "aten::mm", "enqueue"): 1, ("thread 1", "aten::to", "enqueue"): 1,
        ("thread 1", "aten::sub", "compute"): 1, ("thread 1", "aten::add", "compute"): 1,
        ("thread 2", "aten::mul", "compute"): 1,
        ("cuda:0 stream 7", "ampere_sgemm_128x64_nn", "compute"): 1,
        ("cuda:0 stream 20", "Memcpy DtoH (Device -> Pinned)", "copy"): 1,
        ("cuda:1 stream 7", "Memset (Device)", "compute"): 1}
    # 4-6, 14-22, 25-26, 30-130; beside the product the copy (60-110) and the sum (80-85)
    assert overlap(bars) == {"busy": pytest.approx(111e-6), "shared": pytest.approx(50e-6),
                             "share": pytest.approx(50 / 111)}


# --- Tasks: what the frameworks' own ranges mark -------------------------------------------

def marked(events):
    return {bar.name: bar.task for bar in read_trace(events)}


def test_mxnet_names_the_custom_operator_before_the_operation():
    custom = "Custom Operator"
    bars = read_trace([
        complete("Custom", 0, 50, pid=0), complete("W₁ 1::pure_python", 0, 9, custom, pid=5),
        complete("W₁ 1::CopyCPU2CPU", 1, 2, custom, pid=2), complete("_np_dot", 30, 9, pid=1),
        complete("W₁ 1::_np_dot", 3, 20, custom, pid=1), complete("CustomOperatorWait", 23, 1),
        complete("W₁ 1::DeleteVariable", 24, 1, custom, pid=1)])
    assert [(bar.lane, bar.name, bar.kind, bar.task) for bar in bars] == [
        ("process 1", "_np_dot", "compute", "W₁ 1"), ("process 1", "_np_dot", "compute", ""),
        ("process 2", "CopyCPU2CPU", "copy", "W₁ 1")]


def test_torch_marks_what_begins_in_the_innermost_range_of_its_thread():
    mark = "user_annotation"
    assert marked([
        complete("outer", 10, 90, mark), complete("inner", 20, 10, mark),
        complete("elsewhere", 0, 99, mark, tid=2), complete("aten::a", 9, 5, "cpu_op"),
        complete("aten::b", 15, 1, "cpu_op"), complete("aten::c", 20, 4, "cpu_op"),
        complete("aten::d", 30, 4, "cpu_op"), complete("aten::e", 31, 99, "cpu_op", tid=3),
        complete("aten::f", 100, 1, "cpu_op"), complete("aten::g", 101, 1, "cpu_op"),
    ]) == {"aten::a": "", "aten::b": "outer", "aten::c": "inner", "aten::d": "inner",
           "aten::e": "", "aten::f": "outer", "aten::g": ""}


def test_a_kernel_belongs_to_the_range_of_the_call_that_launched_it():
    bars = read_trace([
        complete("%E2%88%82W%E2%82%82 1", 10, 20, "user_annotation", 99, 98),
        complete("aten::mm", 11, 9, "cpu_op", 99, 98),
        complete("cudaLaunchKernel", 12, 5, "cuda_runtime", 99, 98, correlation=4),
        complete("cuMemcpyAsync", 40, 5, "cuda_driver", 99, 98, correlation=5),
        complete("sgemm", 70, 100, "kernel", 0, 7, device=0, stream=7, correlation=4),
        complete("Memcpy DtoH", 15, 5, "gpu_memcpy", 0, 20, device=0, stream=20, correlation=5),
        complete("Memset", 15, 5, "gpu_memset", 0, 21, device=0, stream=21)])
    assert {(bar.lane, bar.kind, bar.task) for bar in bars} == {
        ("thread 1", "enqueue", "∂W₂ 1"), ("cuda:0 stream 7", "compute", "∂W₂ 1"),
        ("cuda:0 stream 20", "copy", ""), ("cuda:0 stream 21", "compute", "")}
    assert read_trace(chrome_trace(bars)) == [replace(
        bar, start=bar.start, end=bar.end) for bar in bars]


def test_the_seconds_of_a_task_are_the_median_of_its_repetitions():
    def at(start, end, task, lane="a", kind="compute"):
        return Bar(lane, "op", start, end, kind, task)

    bars = [at(0, 1, "x"), at(1, 2, "x", "b"), at(2, 6, "y"), at(6, 9, "x"), at(9, 10, "y"),
            at(10, 15, "x"), at(10, 90, "x", kind="enqueue"), at(15, 16, "y")]
    assert task_seconds(bars) == {"x": 3, "y": 1}
    assert task_seconds([]) == {}


# --- Pairs, nests, errors ------------------------------------------------------------------

@pytest.mark.parametrize("events, expected", [
    ([half("B", "a", 1), half("E", "a", 4)], [("a", 0, 3)]),
    ([half("E", "a", 4), half("B", "a", 1)], [("a", 0, 3)]),
    ([half("B", "a", 1), half("E", None, 4)], [("a", 0, 3)]),
    # Neighbours that touch, later one first in the file.
    ([half("B", "a", 5), half("E", "a", 9), half("B", "a", 1), half("E", "a", 5)],
     [("a", 0, 4), ("a", 4, 8)]),
    # Nested, also in itself: the outermost stays.
    ([half("B", "a", 1), half("B", "b", 2), half("E", "b", 3), half("E", "a", 4)],
     [("a", 0, 3)]),
    ([half("B", "a", 1), half("B", "a", 1), half("E", "a", 3), half("E", "a", 4)],
     [("a", 0, 3)]),
    # Overlapping, not nested: both.
    ([complete("a", 1, 4), complete("b", 3, 4)], [("a", 0, 4), ("b", 2, 6)]),
    ([half("B", "a", 1), half("B", "a", 2), half("E", "a", 4)], [("a", 0, 2)]),
    # Without a partner: dropped, and in nobody's way.
    ([half("E", "a", 0), half("B", "b", 1), half("B", "a", 2), half("E", "a", 4)],
     [("a", 0, 2)]),
    ([half("B", "a", 1), half("E", "b", 4), half("B", "b", 5, tid=2), half("E", "b", 6, tid=3)],
     []),
    # Of two that begin at once the order is that of their names, whatever the file's.
    ([half("B", "a", 1), half("B", "b", 1), half("E", None, 2), half("E", None, 5)],
     [("a", 0, 4)]),
    # A pair of no length, in another and alone, begun and ended in its own moment.
    ([half("B", "a", 1), half("B", "b", 2), half("E", "b", 2), half("B", "c", 3),
      half("E", "a", 4), half("E", "c", 5)], [("a", 0, 3), ("c", 2, 4)]),
    ([half("B", "a", 1), half("E", "a", 1), half("B", "b", 2), half("E", None, 3)],
     [("a", 0, 0), ("b", 1, 2)]),
    # Two processes are in nobody's way.
    ([half("B", "a", 1), {**half("B", "a", 2), "pid": 2}, half("E", "a", 3),
      {**half("E", "a", 9), "pid": 2}], [("a", 0, 2), ("a", 1, 8)]),
    # Not work: the engine's housekeeping, unknown categories.
    ([complete("DeleteVariable", 0, 1), complete("x", 0, 9, "python_function"),
      complete("a", 3, 2)], [("a", 0, 2)]),
])
def test_pairs_and_nests(events, expected):
    assert spans(read_trace(events)) == expected
    assert spans(read_trace({"traceEvents": events[::-1]})) == expected


def test_two_threads_of_a_device_are_two_lanes():
    process = {"ph": "M", "name": "process_name", "pid": 0, "args": {"name": "gpu/0"}}
    bars = read_trace([complete("dot", 0, 5), complete("CopyGPU2CPU", 2, 5, tid=2), process])
    assert [(bar.lane, bar.kind) for bar in bars] == [("gpu/0 thread 1", "compute"),
                                                      ("gpu/0 thread 2", "copy")]


@pytest.mark.parametrize("source", ("[]", "[", '{"traceEvents": []}', [], {"traceEvents": []}))
def test_empty(source):
    assert read_trace(source) == []
    assert overlap([]) == {"busy": 0, "shared": 0, "share": 0.0}
    assert read_trace(chrome_trace([])) == []


@pytest.mark.parametrize("source, message", [
    ("", "cannot read"), ("no/such/file.json", "cannot read"), (Path("nowhere"), "cannot read"),
    ('{"traceEvents": [', "cannot read"), ('[{"ph": "X", ', "cannot read"),
    ("{}", "neither a list"), ('{"traceEvents": 3}', "neither a list"), (7, "neither a list"),
    ("[3]", "3 among the events"), ('[{"args": [1]}]', "among the events"),
    ('[{"pid": []}]', "among the events"),
    ('[{"ph": "X", "name": "a", "dur": 1}]', "'a': its ts is None"),
    ('[{"ph": "X", "name": "a", "ts": 1, "dur": "2"}]', "its dur is '2'"),
    ('[{"ph": "B", "name": "a", "ts": NaN}]', "its ts is nan"),
    ([complete("a", 5, -1)], "ends before it starts"),
])
def test_an_error_says_what_is_wrong(source, message):
    with pytest.raises(TraceError, match=re.escape(message)):
        read_trace(source)


# --- Overlap -------------------------------------------------------------------------------

def bar(lane, start, end, kind="compute"):
    return Bar(lane, "op", start, end, kind)


def test_overlap_counts_lanes_not_bars():
    assert overlap([bar("a", 0, 2), bar("a", 1, 3)]) == {"busy": 3, "shared": 0, "share": 0}
    assert overlap([bar("a", 0, 2), bar("b", 1, 5)]) == {"busy": 5, "shared": 1, "share": 0.2}
    assert overlap([bar("a", 0, 2), bar("b", 0, 2), bar("c", 1, 3)]) == {
        "busy": 3, "shared": 2, "share": 2 / 3}
    assert overlap([bar("a", 0, 2), bar("b", 0, 2, "enqueue")])["shared"] == 0
    assert overlap([bar("a", 0, 2), bar("b", 2, 4)])["shared"] == 0


moments, places = st.integers(0, 40), st.integers(0, 2)


def events(*categories):
    """Lists of events of one writer."""
    return st.lists(st.one_of(
        st.builds(complete, st.sampled_from("abc"), moments, moments, st.sampled_from(categories),
                  places, places),
        st.builds(half, st.sampled_from("BE"), st.sampled_from("abc"), moments, places)
        if "operator" in categories else st.nothing()))


@settings(max_examples=100, deadline=None)
@given(events("operator", "MXNET_C_API") | events("cpu_op", "kernel", "cuda_runtime")
       | events("compute", "copy", "enqueue"), st.randoms(use_true_random=False))
def test_whatever_the_events_the_numbers_make_sense(events, chance):
    bars = read_trace(events)
    numbers = overlap(bars)
    span = max((b.end for b in bars), default=0)
    assert 0 <= numbers["shared"] <= numbers["busy"] <= span + 1e-12
    assert 0 <= numbers["share"] <= 1
    assert not bars or min(b.start for b in bars) == 0
    if any(event["ph"] != "X" for event in events):  # a thread's own order counts
        rank = {place: chance.random() for place in itertools.product((0, 1, 2), repeat=2)}
        events.sort(key=lambda event: rank[event["pid"], event["tid"]])
    else:
        chance.shuffle(events)
    assert read_trace(events) == bars
    assert read_trace(chrome_trace(bars)) == bars


#: Operations of a thread: (name, microseconds before, what is in it, microseconds after, what its
#: end is called).
operations = st.recursive(st.just([]), lambda inside: st.lists(st.tuples(
    st.sampled_from("ab"), st.integers(0, 1), inside, st.integers(0, 1), st.booleans()),
    max_size=3), max_leaves=8)


def halves_and_wholes(operations, time):
    """The events B and E in order, the same as complete events, and when the last ends."""
    halves, wholes = [], []
    for name, before, inside, after, named in operations:
        start = time + before
        inner, inner_wholes, time = halves_and_wholes(inside, start)
        time += after
        halves += [half("B", name, start), *inner, half("E", name if named else None, time)]
        wholes += [complete(name, start, time - start), *inner_wholes]
    return halves, wholes, time


@settings(max_examples=200, deadline=None)
@given(operations)
def test_pairs_in_order_are_the_operations_whatever_their_length(operations):
    halves, wholes, _ = halves_and_wholes(operations, 0)
    longest = [(bar.start, bar.end) for bar in read_trace(wholes)]
    assert [(bar.start, bar.end) for bar in read_trace(halves)] == longest


def test_merge_small_joins_what_cannot_be_seen_apart():
    bars = [bar("a", i, i + 0.5) for i in range(100)]
    assert merge_small(bars, 0.01) == bars
    assert merge_small(bars, 1) == [bar("a", 0, 99.5)]
    short = [bar("a", 0, 0.5), bar("a", 2, 2.5)]
    assert merge_small(short, 1) == short
    long = [bar("a", 0, 5), bar("a", 5, 9), replace(bar("a", 9.1, 9.2), kind="copy"),
            bar("b", 9.2, 9.3)]
    assert merge_small(long, 1) == long


# --- At the boundaries ---------------------------------------------------------------------

@pytest.mark.parametrize("start, end, names", [
    (1, 3, "a"), (0, 3, "a"), (1, 4, "a"), (0, 4, "a"),  # of two alike: by name
    (1, 4.001, "ab"), (3.999, 5, "ab"), (4, 5, "ab")])
def test_what_ends_no_later_is_nested(start, end, names):
    bars = read_trace([complete("b", start, end - start), complete("a", 0, 4)])
    assert "".join(bar.name for bar in bars) == names


def test_a_lane_is_a_thread_of_a_process_and_nests_in_itself_alone():
    bars = read_trace([complete("a", 0, 9), complete("b", 1, 2, tid=2), complete("c", 1, 2, pid=1),
                       complete("d", 1, 2)])
    assert [(bar.name, bar.lane) for bar in bars] == [
        ("a", "process 0 thread 1"), ("b", "process 0 thread 2"), ("c", "process 1")]


@pytest.mark.parametrize("at, kind", [
    (9.999, "compute"), (10, "enqueue"), (15, "enqueue"), (20, "enqueue"), (20.001, "compute")])
def test_a_call_enqueues_if_a_launch_begins_within_it(at, kind):
    bars = read_trace([complete("aten::mm", 10, 10, "cpu_op"), complete("x", 0, 1, "cpu_op"),
                       complete("cudaLaunchKernel", at, 50, "cuda_runtime")])
    assert [bar.kind for bar in bars] == ["compute", kind]
    assert {bar.kind for bar in read_trace([  # in another thread: not this call's
        complete("aten::mm", 10, 10, "cpu_op"),
        complete("cudaLaunchKernel", at, 50, "cuda_runtime", tid=2)])} == {"compute"}


@pytest.mark.parametrize("name, kind", [
    ("CopyGPU2CPU", "copy"), ("Memcpy HtoD", "copy"), ("aten::copy_", "copy"), ("aten::to", "copy"),
    ("aten::clone", "copy"), ("aten::contiguous", "copy"), ("aten::total", "compute"),
    ("aten::clone_x", "compute"), ("my aten::to", "compute"), ("dot", "compute")])
def test_what_a_copy_is_called(name, kind):
    assert [bar.kind for bar in read_trace([complete(name, 0, 1)])] == [kind]


@pytest.mark.parametrize("category", ["cuda_runtime", "cuda_driver", "kernel", "cpu_op"])
def test_only_calls_of_cuda_launch(category):
    bars = read_trace([complete("aten::mm", 10, 10, "cpu_op"),
                       complete("cudaLaunchKernel", 12, 1, category, device=0, stream=1)])
    launched = category.startswith("cuda")
    assert next(b.kind for b in bars if b.name == "aten::mm") == (
        "enqueue" if launched else "compute")


@pytest.mark.parametrize("category", ["kernel", "gpu_memcpy", "gpu_memset"])
def test_a_lane_of_a_gpu_is_a_stream_of_a_device_wherever_it_is_written(category):
    assert [bar.lane for bar in read_trace([
        complete("a", 0, 1, category, 5, 6, device=3, stream=20),
        complete("b", 2, 1, category, 7, 8)])] == ["cuda:3 stream 20", "cuda:7 stream 8"]


def test_times_are_seconds_after_the_first_work_to_a_nanosecond():
    bars = read_trace([complete("WaitForVar", 0, 1), complete("a", 100, 1.2344),
                       complete("b", 102.5, 2)])
    assert [(b.start, b.end) for b in bars] == [(0, 1.234e-6), (2.5e-6, 4.5e-6)]


def test_a_chrome_trace_word_for_word():
    assert chrome_trace([bar("b", 1, 2.5, "copy"), bar("a", 0.0000001234, 1)]) == {
        "displayTimeUnit": "ms", "traceEvents": [
            {"ph": "M", "name": "process_name", "pid": 1, "tid": 0, "args": {"name": "evidence"}},
            {"ph": "M", "name": "thread_name", "pid": 1, "tid": 1, "args": {"name": "a"}},
            {"ph": "M", "name": "thread_name", "pid": 1, "tid": 2, "args": {"name": "b"}},
            {"ph": "X", "cat": "copy", "name": "op", "pid": 1, "tid": 2, "ts": 1e6, "dur": 1.5e6},
            {"ph": "X", "cat": "compute", "name": "op", "pid": 1, "tid": 1, "ts": 0.123,
             "dur": 999999.877}]}


@pytest.mark.parametrize("first, second, gap, merged", [
    (0.5, 0.5, 0.999, True), (0.5, 0.5, 1, False), (0.5, 0.5, 1.5, False),
    (5, 0.999, 0.5, True), (0.999, 5, 0.5, True), (5, 1, 0.5, False), (1, 5, 0.5, False),
    (5, 0.999, 1, False)])
def test_neighbours_are_merged_if_gap_and_one_of_them_are_small(first, second, gap, merged):
    bars = [bar("a", 0, first), bar("a", first + gap, first + gap + second)]
    assert (len(merge_small(bars, 1)) == 1) is merged
    if merged:
        assert merge_small(bars[::-1], 1) == [bar("a", 0, first + gap + second)]


def test_a_merged_bar_ends_where_the_last_of_them_ends():
    assert merge_small([bar("a", 0, 9), bar("a", 1, 1.5)], 1) == [bar("a", 0, 9)]
    assert len(merge_small([bar("a", 0, 9), bar("b", 1, 1.5)], 1)) == 2
    assert len(merge_small([bar("a", 0, 9), bar("a", 1, 1.5, "copy")], 1)) == 2


@pytest.mark.parametrize("bars, busy, shared", [
    ([("a", 0, 1), ("b", 1, 2)], 2, 0), ([("a", 0, 1), ("b", 0.5, 2)], 2, 0.5),
    ([("a", 0, 1), ("b", 3, 4)], 2, 0), ([("a", 1, 2), ("b", 1, 2)], 1, 1),
    ([("a", 0, 4), ("b", 1, 2), ("c", 1, 3), ("a", 2, 3)], 4, 2),
    ([("a", 0, 1), ("a", 1, 2), ("b", 0, 2)], 2, 2), ([("a", 1, 1)], 0, 0),
    ([("a", 0, 3), ("a", 1, 2), ("b", 2, 3)], 3, 1)])
def test_busy_and_shared_to_the_second(bars, busy, shared):
    numbers = overlap([bar(*each) for each in bars])
    assert numbers == {"busy": busy, "shared": shared, "share": shared / busy if busy else 0.0}


def test_an_end_without_a_name_ends_the_last_begun_and_one_with_a_name_its_own():
    assert spans(read_trace([half("B", "a", 1), half("B", "b", 2), half("E", None, 3),
                             half("E", "a", 9)])) == [("a", 0, 8)]
    assert spans(read_trace([half("B", "a", 1), half("B", "b", 2), half("E", "a", 3),
                             half("E", "b", 9)])) == [("a", 0, 2), ("b", 1, 8)]


def test_names_of_lanes():
    def named(what, name, pid, tid=None):
        return {"ph": "M", "name": what, "pid": pid, "tid": tid, "args": {"name": name}}

    bars = read_trace([
        complete("a", 0, 1, pid=3, tid=8), complete("a", 0, 1, pid=4), complete("a", 5, 1, pid=4,
                                                                                tid=0),
        complete("a", 0, 1, "compute", pid=5, tid=1), complete("a", 0, 1, "copy", pid=5, tid=2),
        named("process_name", "cpu/3", 3, 0), named("thread_name", "lane", 5, 2),
        named("process_sort_index", "no name", 4),
        {"ph": "C", "name": "process_name", "pid": 4, "args": {"name": "no metadata"}}])
    assert [bar.lane for bar in bars] == ["cpu/3", "lane", "process 4 thread 1",
                                          "process 4 thread 2", "process 5 thread 1"]


# --- Plots ---------------------------------------------------------------------------------

MANY = [bar(f"cpu/{i % 4}", i, i + 1 + i % 3, ("compute", "copy", "enqueue")[i % 7 % 3])
        for i in range(80)]
PLOTS = {
    "timeline": lambda prefix: timeline_svg(MANY, WORDS, prefix),
    "nothing": lambda prefix: timeline_svg([], WORDS, prefix),
    "pair": lambda prefix: pair_svg([("cùng lúc", [0.1, 0.12, 0.11]), ("lần lượt", [0.2])], WORDS,
                                    {"tổng": 0.21, "giới hạn": 0.1}, prefix),
    "seconds": lambda prefix: pair_svg([("một", [12.5])], WORDS, None, prefix),
    "curve": lambda prefix: curve_svg([16, 64, 256], {"chờ": [1, 2, 3], "tự động": [3, 2, 1]},
                                      {**WORDS, "unit": "mili giây"}, [64.4], prefix),
}


@functools.cache
def drawn(name):
    """Each is drawn once: it takes a while."""
    return PLOTS[name]("cell 1")


@pytest.mark.parametrize("name", PLOTS)
def test_a_plot_fits_into_a_page(name):
    text = drawn(name)
    root = ElementTree.fromstring(text)
    ns = "{http://www.w3.org/2000/svg}"
    assert text.startswith("<svg ") and root[0].tag == ns + "title"
    assert root[0].text == WORDS["alt"] and root.get("role") == "img"
    assert root.get("aria-labelledby") == root[0].get("id") == "cell-1-title"
    assert len(text.encode()) < 15000 and root.get("viewBox")
    assert not re.findall("#0000c|#010203|#000000|<style|metadata|font-family|font:|xlink|DOCTYPE",
                          text)


def test_a_plot_is_drawn_alike_each_time():
    assert drawn("pair") == PLOTS["pair"]("cell 1")


def test_two_plots_on_a_page_do_not_clash():
    texts = [drawn("timeline"), PLOTS["timeline"]("timeline-1"), PLOTS["pair"]("pair-0")]
    ids = re.findall(r'\bid="([^"]+)"', "".join(texts))
    assert len(ids) == len(set(ids)) > len(texts)
    for text in texts:  # each refers to its own
        used = re.findall(r'(?:href="|url\()#([^")]+)', text)
        assert set(used) <= set(re.findall(r'\bid="([^"]+)"', text))


def test_a_plot_says_what_is_there_in_the_pages_words():
    timeline = timeline_svg(read_trace(MXNET), WORDS)
    for word in ("cpu/0", "cpu/1", "tính toán", "sao chép", "mili giây"):
        assert f">{word}</text>" in timeline
    assert "xếp hàng" not in timeline and "--evidence-enqueue" not in timeline
    assert timeline.count("var(--evidence-compute") == 2  # all bars one path, and the legend
    for word in ("cùng lúc", "tổng", "giới hạn", "mili giây"):
        assert f">{word}</text>" in drawn("pair")
    assert ">giây</text>" in drawn("seconds")
    assert ">≈ 64</text>" in drawn("curve")
    for tick in ("1", "2"):  # all that a reader needs of a short axis
        assert f">{tick}</text>" in drawn("curve")
    halves = pair_svg([("a", [0.0125])], {**WORDS, "decimal": ","})
    assert ">2,5</text>" in halves and ">2.5</text>" not in halves


def test_a_notebooks_settings_change_no_plot():
    import matplotlib

    plain = drawn("pair")
    with matplotlib.rc_context({"font.size": 30, "axes.labelpad": 30}):
        assert PLOTS["pair"]("cell 1") == plain
        assert matplotlib.rcParams["font.size"] == 30


def test_what_mxnet_prepares_for_later_is_no_part_of_a_task():
    """Its engine names what runs while a custom operator calls after that operator."""
    spans = [evidence.trace._span({"cat": "Custom Operator", "name": f"W₁ 2::{name}"}, 0, 1)
             for name in ("dot", "ResourceParallelRandomSetSeed")]
    assert [(span.name, span.task) for span in spans] == [
        ("dot", "W₁ 2"), ("ResourceParallelRandomSetSeed", "")]

"""Who does what: list scheduling, by examples and for any graph."""
from itertools import pairwise

import pytest
from hypothesis import given, settings, strategies as st

from evidence.graph import MLP_NEXT, Task, arrows, critical_path, lower_bound, mlp, ordered, spread


def tasks(**needs):
    """Tasks by name, each with the letters of what it needs."""
    return [Task(name, "", needs=tuple(before)) for name, before in needs.items()]


@pytest.mark.parametrize("graph, workers, expected", [
    (tasks(a=""), 1, "0"), (tasks(a=""), 3, "0"),
    (tasks(a="", b=""), 1, "00"), (tasks(a="", b=""), 2, "01"),
    (tasks(a="", b="", c=""), 2, "010"), (tasks(a="", b="", c="", d=""), 3, "0120"),
    (tasks(a="", b="a", c="b"), 2, "000"),  # a chain stays where it is
    (tasks(a="", b="a", c="a", d="bc"), 2, "0010"),  # a diamond
    (tasks(a="", b="a", c="a", d="bc", e="d", f="d", g="ef"), 2, "0010010"),
    # of two who could begin at once the one who was busy to the last: the other stays free
    (tasks(a="", b="", c="", d="c"), 2, "0100"),
    (tasks(a="", b="", c="a", d="b", e="cd"), 2, "01010"),
])
def test_small_graphs(graph, workers, expected):
    assert spread(graph, workers) == {
        task.name: int(worker) for task, worker in zip(graph, expected)}


def begins(graph, chosen, workers):
    """When each task begins and its worker was last busy, if all do their tasks in order."""
    free, end, start = [0] * workers, {}, {}
    for task in ordered(graph):
        ready = max((end[need] for need in task.needs), default=0)
        start[task.name] = max(free[chosen[task.name]], ready), ready, list(free)
        free[chosen[task.name]] = end[task.name] = start[task.name][0] + 1
    return start, end


graphs = st.lists(st.sets(st.integers(0, 8)), min_size=1, max_size=9).map(
    lambda needs: [Task(f"t{i}", "", needs=tuple(f"t{n}" for n in sorted(before) if n < i))
                   for i, before in enumerate(needs)])


@settings(max_examples=40, deadline=None)
@given(graphs, st.integers(1, 4))
def test_any_graph_is_done_by_who_can_begin_first(graph, workers):
    chosen = spread(graph, workers)
    assert set(chosen) == {task.name for task in graph}
    assert set(chosen.values()) <= set(range(workers))
    start, end = begins(graph, chosen, workers)
    for task in graph:
        begin, ready, free = start[task.name]
        assert begin == max(ready, min(free))  # nobody is idle who could have begun sooner
        could = [time for time in free if time <= begin]
        assert free[chosen[task.name]] == max(could)  # the last to be busy
    bound = lower_bound(graph, dict.fromkeys(chosen, 1), workers)
    assert bound <= max(end.values()) <= len(graph)


@settings(max_examples=40, deadline=None)
@given(graphs, st.randoms(use_true_random=False))
def test_the_critical_path_is_a_chain_and_no_chain_is_longer(graph, chance):
    seconds = {task.name: chance.randint(1, 5) for task in graph}
    length, chain = critical_path(graph, seconds)
    by_name = {task.name: task for task in graph}
    assert sum(seconds[name] for name in chain) == length
    assert not by_name[chain[0]].needs
    assert all(before in by_name[name].needs for before, name in pairwise(chain))
    longest = {}
    for task in graph:  # listed after what they need
        longest[task.name] = seconds[task.name] + max(
            (longest[need] for need in task.needs), default=0)
    assert length == max(longest.values())
    assert lower_bound(graph, seconds, 2) == max(length, sum(seconds.values()) / 2)


def test_tasks_may_be_listed_before_what_they_need():
    graph = tasks(c="b", b="a", a="")
    assert [task.name for task in ordered(graph)] == ["a", "b", "c"]
    assert critical_path(graph, {"a": 1, "b": 2, "c": 3}) == (6, ["a", "b", "c"])
    assert spread(graph, 2) == {"a": 0, "b": 0, "c": 0}


def test_arrows_leave_out_what_others_imply():
    lane = [Task("x", "", "l"), Task("a", "", "l", ("x",)), Task("b", "", "l", ("x",)),
            Task("c", "", "", ("a", "b")), Task("d", "", "", ("x",)), Task("e", "", "m", ("x",))]
    assert arrows(lane) == [("x", "a"), ("a", "b"), ("b", "c"), ("x", "d"), ("x", "e")]
    assert arrows([*tasks(e="", d="", c="", b="", a=""), Task("z", "", needs=tuple("cedab"))]) == [
        (name, "z") for name in "abcde"]  # by name, at every run


def test_a_step_of_the_mlp_task_by_task():
    graph = mlp(("left", "right"), "middle")
    assert [(task.name, task.op, task.lane, task.needs) for task in graph] == [
        ("W₁", "weights", "middle", ()), ("W₂", "weights", "middle", ()),
        *((f"{name}{i}", op, lane, tuple(need.replace("#", i) for need in needs))
          for i, lane in (("1", "left"), ("2", "right")) for name, op, needs in (
              ("X ", "data", ()), ("W₁ ", "hidden", ("X #", "W₁")),
              ("W₂ ", "output", ("W₁ #", "W₂")), ("loss ", "loss", ("W₂ #",)),
              ("∂W₂ ", "gradient 2", ("loss #",)), ("∂W₁ ", "gradient 1", ("loss #",)))),
        ("Σ ∂W₂", "update", "middle", ("W₂", "∂W₂ 1", "∂W₂ 2")),
        ("Σ ∂W₁", "update", "middle", ("W₁", "∂W₁ 1", "∂W₁ 2"))]
    assert {task.lane for task in mlp()} == {"GPU 1", "GPU 2", "CPU"}
    assert MLP_NEXT == {"Σ ∂W₁": "W₁", "Σ ∂W₂": "W₂"}

"""A training step drawn: whose a lane is, what is said of a task, what is legible."""
import json
import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from conftest import LANGUAGES

from evidence import step, words
from evidence.graph import MLP_COLUMNS, MLP_NEXT, mlp
from evidence.kinds import of
from evidence.measure import timeline
from evidence.trace import Bar, read_trace

SVG = "{http://www.w3.org/2000/svg}"


def ms(lane, start, end, task, kind="compute"):
    return Bar(lane, "op", start / 1000, end / 1000, kind, task)


#: A step as MXNet's engine does it: weights are copied by the device that they leave.
BARS = [
    ms("cpu(2)", 0, 1, "W₁ 1", "copy"), ms("cpu(0)", 1, 10, "W₁ 1"), ms("cpu(1)", 2, 12, "W₁ 2"),
    ms("cpu(0)", 10, 11, "∂W₁ 1"), ms("cpu(0)", 11, 14, "W₂ 1"), ms("cpu(0)", 14, 15, "loss 1"),
    ms("cpu(0)", 15, 20, "∂W₂ 1"), ms("cpu(0)", 20, 30, "∂W₁ 1"), ms("cpu(1)", 12, 16, "W₂ 2"),
    ms("cpu(1)", 16, 17, "loss 2"), ms("cpu(1)", 17, 22, "∂W₂ 2"), ms("cpu(1)", 22, 34, "∂W₁ 2"),
    ms("cpu(2)", 22, 23, "Σ ∂W₂"), ms("cpu(2)", 38, 40, "Σ ∂W₁")]
DATA = {**timeline("f", "mlp", BARS, mlp(), BARS)}


def lanes(bars):
    return list(dict.fromkeys(bar.lane for bar in step.placed(bars, mlp())))


def test_lanes_stand_in_the_order_of_the_figures_columns():
    assert lanes(BARS) == ["GPU 1: cpu(0)", "CPU: cpu(2)", "GPU 2: cpu(1)"]
    assert [name.partition(":")[0] for name in lanes(BARS)] == list(MLP_COLUMNS)


def test_a_device_stands_where_it_computed_and_its_streams_with_it():
    on_gpus = [
        ms("thread 1", 0, 9, "W₁ 2", "enqueue"), ms("thread 2", 0, 9, "W₁ 1", "enqueue"),
        ms("thread 3", 5, 6, "Σ ∂W₂"), ms("thread 3", 6, 90, "W₁ 1", "copy"),
        ms("cuda:1 stream 7", 1, 9, "W₁ 2"), ms("cuda:0 stream 7", 1, 9, "W₁ 1"),
        ms("cuda:0 stream 20", 9, 99, "Σ ∂W₂", "copy"), ms("thread 4", 0, 1, "")]
    assert lanes(on_gpus) == [  # threads have numbers in this order, whichever began first
        "GPU 1: thread 1", "GPU 1: cuda:0 stream 7", "GPU 1: cuda:0 stream 20", "CPU: thread 2",
        "GPU 2: thread 3", "GPU 2: cuda:1 stream 7", "thread 4"]
    data = timeline("f", "mlp", on_gpus, mlp())
    (trace,) = of(data).traces(data).values()  # names them alike
    assert {bar.lane: bar.task for bar in read_trace(trace) if bar.kind == "enqueue"} == {
        "thread 1": "W₁ 1", "thread 3": "W₁ 2"}


def said(name, language="en", bars=BARS):
    return step.sentences(step.placed(bars, mlp()), mlp(), language)[name]


def test_a_sentence_says_what_a_task_needed_and_what_it_waited_for():
    assert said("W₁") == ("W₁ (CPU) is there from the start. W₁ (GPU 1), W₁ (GPU 2), Σ ∂W₁ (CPU) "
                          "need it.")
    assert said("W₁ 1") == ("W₁ (GPU 1): from 1.0 to 10.0 ms. All that it needs was there from the "
                            "start. Its copies were done at 1.0 ms. W₂ (GPU 1) needs it.")
    assert said("∂W₂ 1") == (
        "∂W₂ (GPU 1): from 15.0 to 20.0 ms. Of what it needs, loss (GPU 1) was done last, at 15.0 "
        "ms. Its lane was free from 15.0 ms on, after loss (GPU 1). Σ ∂W₂ (CPU) needs it.")
    assert said("Σ ∂W₁") == (
        "Σ ∂W₁ (CPU): from 38.0 to 40.0 ms. Of what it needs, ∂W₁ (GPU 2) was done last, at 34.0 "
        "ms. Its lane was free from 23.0 ms on, after Σ ∂W₂ (CPU). 4.0 ms of waiting are left, "
        "which the trace does not explain.")
    assert said("∂W₁ 1") == (
        "∂W₁ (GPU 1): from 10.0 to 30.0 ms. Of what it needs, loss (GPU 1) was done last, at 15.0 "
        "ms. Some of its operations do without that and ran before. Σ ∂W₁ (CPU) needs it.")
    assert "from 11.0 ms on, after an operation of ∂W₁ (GPU 1)." in said("W₂ 1")  # that goes on
    assert said("W₁ 1", bars=BARS[2:]).startswith("W₁ (GPU 1): this trace has no bar of it.")
    assert "từ 15,0 đến 20,0 ms" in said("∂W₂ 1", "vi")


def test_both_languages_name_the_same():
    for table in (step.SENTENCES, step.SAY):
        assert set(table["en"]) == set(table["vi"])
    for key, text in step.SENTENCES["en"].items():
        assert sorted(re.findall(r"{\w+}", text)) == sorted(
            re.findall(r"{\w+}", step.SENTENCES["vi"][key])), key


@pytest.fixture(params=LANGUAGES)
def drawn(request):
    return ElementTree.fromstring(of(DATA).plot(DATA, request.param, "cell 1", "Two <lanes>"))


def classes(node):
    return (node.get("class") or "").split()


def test_every_task_has_a_box_and_every_bar_is_in_its_tasks_group(drawn):
    graph, time = drawn.iter(f"{SVG}svg")
    names = json.loads(drawn.get("data-step"))["names"]
    assert len(names) == len(mlp())
    for tree, tasks in ((graph, mlp()), (time, [t for t in mlp() if t.needs])):
        groups = {tuple(classes(group)) for group in tree.iter(f"{SVG}g")}
        assert groups == {("task", f"t{mlp().index(task)}") for task in tasks}
    assert len(list(time.iter(f"{SVG}rect"))) == len(BARS)
    assert all(box.find(f"{SVG}title").text for box in graph.iter(f"{SVG}g"))
    texts = [text.text for text in graph.iter(f"{SVG}text")]
    assert texts[:3] == list(MLP_COLUMNS)
    assert {"X₁", "X₂", "W₁", "∂W₂", "Σ ∂W₂"} < set(texts)


def test_arrows_are_those_of_the_graph_and_new_weights_are_dashed(drawn):
    graph = next(drawn.iter(f"{SVG}svg"))
    arrows = [path for path in graph.iter(f"{SVG}path") if path.get("marker-end")]
    dashed = [path for path in arrows if path.get("stroke-dasharray")]
    assert len(dashed) == len(MLP_NEXT)
    numbers = {task.name: number for number, task in enumerate(mlp())}
    assert ["arrow", f"f{numbers['∂W₂ 2']}", f"t{numbers['Σ ∂W₂']}"] in map(classes, arrows)


def test_the_script_is_told_needs_and_the_order_of_the_step(drawn):
    facts = json.loads(drawn.get("data-step"))
    names = [task.name for task in mlp()]
    assert facts["names"][names.index("loss 2")] == "loss (GPU 2)"
    assert facts["names"][names.index("X 2")] == "X₂ (GPU 2)"  # as in its box
    assert [names[need] for need in facts["needs"][names.index("Σ ∂W₂")]] == [
        "W₂", "∂W₂ 1", "∂W₂ 2"]
    assert [names[number] for number in facts["order"]][:4] == ["W₁ 1", "W₁ 2", "∂W₁ 1", "W₂ 1"]
    assert facts["starts"][str(names.index("W₁ 2"))] == pytest.approx(2 / 40)


def test_names_that_are_seen_do_not_run_into_each_other(drawn):
    time = list(drawn.iter(f"{SVG}svg"))[1]
    rows = {}
    for group in time.iter(f"{SVG}g"):
        text = group.find(f"{SVG}text")
        if text.get("visibility") != "hidden":
            left = float(text.get("x")[:-1]) * step.NARROW / 100
            rows.setdefault(text.get("y"), []).append((left, left + step.LETTER * len(text.text)))
    assert len(rows) == 3
    for spans in rows.values():
        assert all(a[1] <= b[0] for a, b in pairwise(spans))
        assert spans[-1][1] <= step.NARROW + 0.1


@pytest.mark.parametrize("end, ticks", [
    (40, [0, 10, 20, 30, 40]), (41, [0, 20, 40]), (0.7, [0, 0.2, 0.4, 0.6]), (9, [0, 5])])
def test_ticks_are_round(end, ticks):
    assert list(step._ticks(end)) == ticks


def test_the_table_and_the_picture_in_words_name_the_lanes_as_they_are_drawn():
    kind = of(DATA)
    assert "| GPU 1: cpu(0) |" in kind.table(DATA, "en")
    assert "GPU 1: cpu(0), CPU: cpu(2), GPU 2: cpu(1)" in kind.alt(DATA, "en")
    assert "under the name of their task" in words.sentence(DATA, "en")
    assert "A lane is a device" in words.sentence(DATA, "en")
    assert "This is one training step, with the profiler on" in words.sentence(DATA, "en")
    plain = {key: value for key, value in DATA.items() if key != "tasks"}
    assert "under the name" not in words.sentence(plain, "en")
    assert "This is one run, with the profiler on" in words.sentence(plain, "en")

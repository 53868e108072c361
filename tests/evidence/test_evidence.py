"""Numbers that we made up, and the sentence that each of them earns in each language."""
import re

import pytest
from hypothesis import given, settings, strategies

from evidence import graph, measure, page, words
from evidence.kinds import KINDS
from evidence.kinds.pair import REASONS

LANGUAGES = ("en", "vi")


def pair(first, second, both, reason="", width=0.0):
    seconds = {name: [value * (1 + width * i) for i in (-1, -0.5, 0, 0.5, 1)]
               for name, value in (("first", first), ("second", second), ("both", both))}
    return {"kind": "pair", "framework": "stub", "experiment": "e", "devices": ["d 1", "d 2"],
            "parts": ["d 1", "d 2"], "works": ["first", "second", "both"], "seconds": seconds,
            "reason": reason, **measure.ratios(seconds)}


def versus(slow, fast, kind="versus", **more):
    return {"kind": kind, "framework": "stub", "experiment": "e", "devices": [],
            "works": ["waiting", "automatic"],
            "seconds": {"waiting": [slow] * 3, "automatic": [fast] * 3},
            "speedup": slow / fast, "efficiency": None, **more}


def curve(slow, fast):
    sizes = [10, 20, 40][:len(slow)]
    seconds = {"a": [[v] for v in slow], "b": [[v] for v in fast]}
    return {"kind": "curve", "framework": "stub", "experiment": "e", "devices": [],
            "works": ["a", "b"], "sizes": sizes, "seconds": seconds,
            "crossover": measure.crossover(sizes, *seconds.values())}


def timeline(share, bars=(("l 1", "op", 0, 1, "compute"), ("l 2", "op", 0.5, 1.5, "copy"))):
    return {"kind": "timeline", "framework": "stub", "experiment": "e",
            "bars": [list(bar) for bar in bars], "busy": 2.0, "shared": 2 * share, "share": share}


#: What was measured, and the words that must be in the sentence: English, Vietnamese.
CASES = {
    "pair-full": (pair(1, 1, 1.02), "1.96 times as fast", "nhanh gấp 1,96 lần"),
    "pair-part": (pair(1, 1, 1.4), "overlapped in part", "Chồng lấp được một phần"),
    "pair-short": (pair(1, 0.1, 1.08), "little to gain", "gần như không có gì để lợi"),
    "pair-none": (pair(1, 1, 1.98, "one-thread"), "no gain", "không lợi gì"),
    "pair-loss": (pair(1, 1, 2.5), "a loss", "còn chậm hơn"),
    "noisy": (pair(1, 1, 1.02, width=0.5), "scatter too much", "phân tán"),
    "versus-gain": (versus(2, 1), "2.00 times as fast", "nhanh gấp 2,00 lần"),
    "versus-none": (versus(1, 1), "no difference", "không khác nhau"),
    "versus-loss": (versus(1, 2), "a loss", "còn chậm hơn"),
    "curve-cross": (curve([1, 2, 9], [2, 2.5, 5]), "From 40 on", "Từ 40 trở đi"),
    "curve-never": (curve([1, 2, 3], [2, 3, 4]), "not overtaken", "chưa bị vượt"),
    "curve-always": (curve([2, 3], [1, 2]), "at every size", "ở mọi kích thước"),
    "bound-near": (versus(2, 1, "bound", limit=0.9, efficiency=0.9), "1.11 times", "gấp 1,11"),
    "bound-far": (versus(2, 1, "bound", limit=0.5, efficiency=0.5), "2.00 times", "gấp 2,00"),
    "timeline-some": (timeline(0.5), "for 50% of that time", "trong 50% thời gian"),
    "timeline-none": (timeline(0.01), "Next to nothing", "Hầu như không"),
    "timeline-empty": (timeline(0, ()), "no operation", "không ghi được"),
}


@pytest.mark.parametrize("branch", CASES)
def test_each_branch_says_what_the_numbers_show(branch):
    data, *wanted = CASES[branch]
    assert words.verdict(data) == branch
    for language, part in zip(LANGUAGES, wanted):
        text = words.sentence(data, language)
        assert part in text and "{" not in text and "  " not in text
        assert text.lstrip("*")[0].isupper()


def test_every_branch_has_a_case_and_both_languages_the_same_words():
    assert set(CASES) == set(words.sentences("en"))
    alts = {language: {name: kind.alts[language] for name, kind in KINDS.items()}
            for language in LANGUAGES}
    sentences = {language: words.sentences(language) for language in LANGUAGES}
    for table in (sentences, REASONS, alts):
        assert set(table["en"]) == set(table["vi"])
        for key in table["en"]:
            fields = [sorted(set(re.findall(r"{(\w+)}", table[lang][key]))) for lang in LANGUAGES]
            assert fields[0] == fields[1], key


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("branch", CASES)
def test_a_sentence_agrees_with_its_table(branch, language, monkeypatch):
    data = CASES[branch][0]
    monkeypatch.setattr(type(KINDS[data["kind"]]), "plot", lambda *_: "<svg/>")  # a second each
    text, svg, alt = page.show(data, language)
    said, _, table = text.partition("\n\n")
    assert bool(svg) == bool(alt) == (branch != "timeline-empty")
    speedup = words.label("speedup", language)
    ratio = re.findall(rf"\*\*{speedup}\*\* \| \*\*([\d.,]+)\*\*", table)
    if branch.startswith(("pair", "versus", "bound")):
        assert len(ratio) == 1 and ratio[0] in said
        assert words.duration(list(words.medians(data).values())[-1], language) in said
    for number in re.findall("[0-9.,]*[0-9]\u00a0ms", said):  # every time that it names is there
        assert number in table or branch.startswith("timeline")


def test_a_reason_is_given_where_there_was_no_gain_and_only_there():
    for language in LANGUAGES:
        reason = REASONS[language]["one-thread"]
        assert reason in words.sentence(pair(1, 1, 2, "one-thread"), language)
        assert reason not in words.sentence(pair(1, 1, 1, "one-thread"), language)


def test_ratios_come_from_medians():
    seconds = {"first": [1, 1, 9], "second": [2, 2, 2], "both": [2, 2, 7]}
    assert measure.ratios(seconds) == {"speedup": 1.5, "efficiency": 1.0}


def test_works_take_turns_after_a_warm_up():
    calls = []
    seconds = measure.interleaved({n: lambda n=n: calls.append(n) for n in "ab"}, 3)
    assert "".join(calls) == "ba" + "ab" + "ba" + "ab"
    assert [len(values) for values in seconds.values()] == [3, 3] and list(seconds) == ["a", "b"]


def test_the_order_of_works_survives_a_notebook_that_sorts_its_keys():
    import json
    data = json.loads(json.dumps(pair(1, 2, 3), sort_keys=True))
    table = page.show(data, "en")[0]
    assert (table.index("T₁: d 1 | 1000\u00a0ms") < table.index("T₂: d 2 | 2000\u00a0ms")
            < table.index("together | 3000\u00a0ms"))


def test_evidence_in_a_notebook_and_in_the_book(monkeypatch):
    data = measure.Evidence(pair(1, 1, 1))
    monkeypatch.setenv("EVIDENCE_RAW", "1")
    assert set(data._repr_mimebundle_()) == {measure.MIME, "text/plain"}
    monkeypatch.delenv("EVIDENCE_RAW")
    monkeypatch.setenv("BOOK_LANGUAGE", "vi")
    bundle = data._repr_mimebundle_()
    assert "<svg" in bundle["text/html"] and "nhanh gấp" in bundle["text/html"]
    where = {"docname": "a/b", "tab": "t", "cell": "1-0", "language": "en"}
    output = {"output_type": "display_data", "data": bundle, "metadata": {}}
    text, plot = page.render_output(output, where)
    assert "times as fast" in text["data"]["text/markdown"] and "<svg" in plot["data"]["text/html"]
    other = {"output_type": "stream", "text": "hello"}
    assert page.render_output(other, where) == [other]


def test_a_timeline_links_its_trace_from_where_the_page_is():
    output = {"data": {measure.MIME: timeline(0.5)}}
    text = page.render_output(output, {"docname": "a/b/c", "tab": "t", "cell": "1-0",
                                       "language": "vi"})[0]["data"]["text/markdown"]
    assert "](../../traces/stub-e.json)" in text


def test_lanes_are_weighed_beside_each_other():
    table = page.show(timeline(0.5), "en")[0]
    assert "| l 1 | 1000\u00a0ms | 50% |" in table and "| l 2 | 1000\u00a0ms | 50% |" in table


def test_percent_is_100_only_where_it_is_all():
    assert words.percent(0.999, "en") == "99%" and words.percent(1.0, "en") == "100%"


# Graphs

def test_critical_path_and_bound():
    tasks = [graph.Task("a", ""), graph.Task("b", "", needs=("a",)),
             graph.Task("c", "", needs=("a",)), graph.Task("d", "", needs=("b", "c"))]
    seconds = {"a": 1, "b": 5, "c": 2, "d": 1}
    assert graph.critical_path(tasks, seconds) == (7, ["a", "b", "d"])
    assert graph.lower_bound(tasks, seconds, 2) == 7
    assert graph.lower_bound(tasks, seconds, 1) == 9


@pytest.mark.parametrize("tasks, words_of_error", [
    ([graph.Task("a", ""), graph.Task("a", "")], "same name"),
    ([graph.Task("a", "", needs=("b",))], "which no task makes"),
    ([graph.Task("a", "", needs=("b",)), graph.Task("b", "", needs=("a",))], "cycle"),
])
def test_graphs_that_cannot_run_are_refused(tasks, words_of_error):
    with pytest.raises(ValueError, match=words_of_error):
        graph.ordered(tasks)


@settings(deadline=None)  # a busy machine is no failure
@given(strategies.lists(strategies.sets(strategies.integers(0, 7)), min_size=1, max_size=8))
def test_arrows_order_the_tasks_as_needs_and_lanes_do(needs):
    tasks = [graph.Task(f"t{i}", "", f"lane {i % 2}",
                        tuple(f"t{n}" for n in sorted(before) if n < i))
             for i, before in enumerate(needs)]
    found = graph.arrows(tasks)
    reach = {task.name: set() for task in tasks}
    for task in tasks:
        for a, b in found:
            if b == task.name:
                reach[b] |= {a} | reach[a]
    last = {}
    for task in tasks:
        assert set(task.needs) <= reach[task.name]
        if task.needs:
            assert last.get(task.lane) is None or last[task.lane] in reach[task.name]
            last[task.lane] = task.name
    for a, b in found:  # none is implied by the others
        assert not any(a in reach[c] for c, d in found if d == b and c != a)


def test_the_mlp_is_the_figure_that_the_chapter_describes():
    tasks = {task.name: task for task in graph.mlp()}
    assert graph.ordered(list(tasks.values()))
    assert tasks["Σ ∂W₂"].needs == ("W₂", "∂W₂ 1", "∂W₂ 2")
    assert {new: tasks[new].lane for new in graph.MLP_NEXT} == dict.fromkeys(graph.MLP_NEXT, "CPU")
    assert len(graph.mlp(("one",))) == 2 + 6 + 2

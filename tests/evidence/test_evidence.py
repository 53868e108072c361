"""Numbers that we made up, and the sentence that each of them earns in each language."""
import re

import pytest
from hypothesis import given, settings, strategies

from evidence import graph, measure, page, words
from evidence.kinds import KINDS
from evidence.kinds.pair import REASONS
from evidence.kinds.timeline import MEANINGS

LANGUAGES = ("en", "vi")


@pytest.fixture
def no_plots(monkeypatch):
    """`<svg/>` in the place of each plot, which takes a while to draw."""
    for kind in KINDS.values():
        monkeypatch.setattr(type(kind), "plot", lambda *_: "<svg/>")


def pair(first, second, both, reason="", width=0.0):
    seconds = {name: [value * (1 + width * i) for i in (-1, -0.5, 0, 0.5, 1)]
               for name, value in (("first", first), ("second", second), ("both", both))}
    return {"kind": "pair", "framework": "stub", "experiment": "e", "devices": ["d 1", "d 2"],
            "parts": ["d 1", "d 2"], "works": ["first", "second", "both"], "seconds": seconds,
            "reason": reason, **measure.ratios(seconds)}


def versus(slow, fast, kind="versus", **more):
    return {"kind": kind, "framework": "stub", "experiment": "e", "devices": [],
            "works": ["waiting", "automatic"],
            "seconds": {"waiting": [slow] * 5, "automatic": [fast] * 5},
            "speedup": slow / fast, "efficiency": None, **more}


def bound(slow, fast, limit):
    return versus(slow, fast, "bound", limit=limit) | {
        "works": ["sequential", "parallel"],
        "seconds": {"sequential": [slow] * 5, "parallel": [fast] * 5}}


def curve(slow, fast, width=0.0):
    sizes, spread = [10, 20, 40][:len(slow)], [1 + width * i for i in (-1, -0.5, 0, 0.5, 1)]
    seconds = {name: [[value * factor for factor in spread] for value in values]
               for name, values in (("a", slow), ("b", fast))}
    return {"kind": "curve", "framework": "stub", "experiment": "e", "devices": [],
            "works": ["a", "b"], "sizes": sizes, "seconds": seconds,
            "crossover": measure.crossover(sizes, *seconds.values())}


def timeline(share, bars=(("l 1", "op", 0, 1, "compute"), ("l 2", "op", 0.5, 1.5, "copy"))):
    return {"kind": "timeline", "framework": "stub", "experiment": "e",
            "bars": [list(bar) for bar in bars], "busy": 2.0, "shared": 2 * share, "share": share}


#: What was measured, and the words that must be in the sentence: English, Vietnamese.
CASES = {
    "pair-gain": (pair(1, 1, 1.02), "1.96 times as fast", "nhanh gấp 1,96 lần"),
    "pair-part": (pair(1, 1, 1.4), "overlapped in part", "Chồng lấp được một phần"),
    "pair-short": (pair(1, 0.1, 1.08), "little to gain", "gần như không có gì để lợi"),
    "pair-none": (pair(1, 1, 1.98, "one-thread"), "no gain", "không lợi gì"),
    "pair-loss": (pair(1, 1, 2.5), "a loss", "còn chậm hơn"),
    "open": (pair(1, 1, 1.02, width=0.5), "*together* is faster than *one after the other*",
             "*cùng lúc* có nhanh hơn *lần lượt*"),
    "few": ({**versus(2, 1), "seconds": {"waiting": [2], "automatic": [1]}},
            "too few readings (1)", "quá ít lần đo (1)"),
    "versus-gain": (versus(2, 1), "2.00 times as fast", "nhanh gấp 2,00 lần"),
    "versus-none": (versus(1, 1), "no difference", "không khác nhau"),
    "versus-loss": (versus(1, 2), "a loss", "còn chậm hơn"),
    "curve-cross": (curve([1, 2, 9], [2, 2.5, 5]), "From 40 on", "Từ 40 trở đi"),
    "curve-never": (curve([1, 2, 3], [2, 3, 4]), "not overtaken", "chưa bị vượt"),
    "curve-always": (curve([2, 3], [1, 2]), "at every size", "ở mọi kích thước"),
    "curve-late": (curve([1, 2, 9], [1, 2, 5]), "From 40 on", "Từ 40 trở đi"),
    "curve-none": (curve([1, 2, 3], [1, 2, 3]), "At no size", "Không có kích thước nào"),
    "curve-open": (curve([1, 2, 3], [1, 2, 3], 0.5), "at no size do the readings decide",
                   "không ở kích thước nào"),
    "bound-met": (bound(2, 1, 1.02), "and that was reached", "đã đạt mức đó"),
    "bound-near": (bound(2, 1, 0.9), "1.11 times", "gấp 1,11"),
    "bound-far": (bound(2, 1, 0.5), "2.00 times that was needed", "gấp 2,00"),
    "bound-none": (bound(1, 1, 0.9), "no difference", "không khác nhau"),
    "bound-loss": (bound(1, 2, 0.9), "a loss", "còn chậm hơn"),
    "timeline-some": (timeline(0.5), "for 50% of that time", "trong 50% thời gian"),
    "timeline-turns": ({**timeline(0.5), "cores": 1}, "has one core", "chỉ có một lõi"),
    "timeline-none": (timeline(0.01), "Next to nothing", "Hầu như không"),
    "timeline-empty": (timeline(0, ()), "no operation", "không ghi được"),
}
REFUSED = {"open", "few", "curve-open"}


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
    for table in (sentences, REASONS, alts, MEANINGS):
        assert set(table["en"]) == set(table["vi"])
        for key in table["en"]:
            fields = [sorted(set(re.findall(r"{(\w+)}", table[lang][key]))) for lang in LANGUAGES]
            assert fields[0] == fields[1], key


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("branch", CASES)
def test_a_sentence_agrees_with_its_table(branch, language, no_plots):
    data = CASES[branch][0]
    text, svg, alt = page.show(data, language)
    said, _, table = text.partition("\n\n")
    assert bool(svg) == bool(alt) == (branch != "timeline-empty")
    speedup = words.label("speedup", language)
    ratio = re.findall(rf"\*\*{speedup}\*\* \| \*\*([\d.,]+)( \(.*\))?\*\*", table)
    mark = words.label("refused", language)
    assert (f"({mark})" in table) == (branch in {"open", "few"})
    assert f"**{mark.capitalize()}**" in said if branch in REFUSED else mark not in text.lower()
    if branch.startswith(("pair", "versus", "bound")):
        assert len(ratio) == 1 and ratio[0][0] in said
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


@pytest.mark.parametrize("language, again", [
    ("en", "`make html FRESH=1`"), ("vi", "`make html FRESH=1`")])
def test_where_readings_decide_nothing_a_reader_is_told_what_to_do(language, again):
    for branch in ("open", "curve-open"):
        assert again in words.sentence(CASES[branch][0], language)
    assert "repeats=7" in words.sentence(CASES["few"][0], language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_readings_that_were_taken_twice_are_told_of(language):
    data = pair(1, 1, 1.02)
    once, twice = words.sentence(data, language), words.sentence(
        {**data, "earlier": pair(1, 1, 1.02, width=0.5)["seconds"]}, language)
    assert twice == f"{once} {words.TWICE[language]}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_rule_names_its_test_and_how_often_it_errs(language):
    text = words.rule(language)
    assert "Mann-Whitney" in text and "{" not in text
    assert all(number in text for number in ("1%", "2%", "99%"))


@pytest.mark.parametrize("first, second, both", [(1, 0.5, 1), (0.2, 1, 1.02), (0.25, 1, 1.1)])
def test_of_unequal_parts_both_languages_say_what_there_was_to_gain(first, second, both):
    data = pair(first, second, both)
    best = words.number(1 + min(first, second), "en")
    assert f"the most is about {best} times, not 2" in words.sentence(data, "en")
    assert f"khoảng {best.replace('.', ',')} lần" in words.sentence(data, "vi")
    assert "unequal" not in words.sentence(pair(1, 0.9, 1.02), "en")


def test_works_take_turns_after_a_warm_up():
    calls = []
    seconds = measure.interleaved({n: lambda n=n: calls.append(n) for n in "ab"}, 3)
    assert "".join(calls) == "ba" + "ab" + "ba" + "ab"
    assert [len(values) for values in seconds.values()] == [3, 3] and list(seconds) == ["a", "b"]


def test_the_order_of_works_survives_a_notebook_that_sorts_its_keys(no_plots):
    import json
    data = json.loads(json.dumps(pair(1, 2, 3), sort_keys=True))
    table = page.show(data, "en")[0]
    assert (table.index("T₁: d 1 | 1000\u00a0ms") < table.index("T₂: d 2 | 2000\u00a0ms")
            < table.index("together | 3000\u00a0ms"))


def test_evidence_in_a_notebook_and_in_the_book(monkeypatch, no_plots):
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


def test_a_timeline_links_its_trace_from_where_the_page_is(no_plots):
    output = {"data": {measure.MIME: timeline(0.5)}}
    text = page.render_output(output, {"docname": "a/b/c", "tab": "t", "cell": "1-0",
                                       "language": "vi"})[0]["data"]["text/markdown"]
    assert "](../../traces/stub-e.json)" in text


def test_lanes_are_weighed_beside_each_other(no_plots):
    table = page.show(timeline(0.5), "en")[0]
    assert "| l 1 | 1000\u00a0ms | 0% | 50% |" in table
    assert "| l 2 | 1000\u00a0ms | 100% | 50% |" in table


@pytest.mark.parametrize("lanes, wanted", [
    (("cuda:0 stream 7", "cuda:0 stream 20"), {"stream"}), (("thread 1", "thread 2"), {"thread"}),
    (("cpu(0)", "gpu(0) thread 2"), {"device"}), (("cuda:1 stream 7", "thread 3"),
                                                 {"stream", "thread"}), (("GPU 1", "me"), set())])
def test_a_timeline_says_what_its_lanes_and_bars_are(lanes, wanted):
    data = timeline(0.5, [(lane, "op", 0, 1, "compute") for lane in lanes])
    for language in LANGUAGES:
        text = words.sentence(data, language)
        assert {name for name, meaning in MEANINGS[language].items() if meaning in text} == wanted
    assert "stream" not in wanted or "a bar a kernel" in words.sentence(data, "en")


@pytest.mark.parametrize("lanes, cores, few", [
    (("thread 1", "thread 2"), 2, False), (("thread 1", "thread 2", "cpu(0)"), 2, True),
    (("gpu(0)", "cuda:0 stream 7", "thread 1"), 1, False), (("cpu(0)", "cpu(1)"), None, False)])
def test_lanes_of_the_cpu_take_turns_where_cores_are_fewer(lanes, cores, few):
    data = {**timeline(0.5, [(lane, "op", 0, 1, "compute") for lane in lanes]),
            **({"cores": cores} if cores else {})}
    assert words.verdict(data) == "timeline-some"
    assert ("take turns" in words.sentence(data, "en")) is few
    assert ("thay phiên nhau" in words.sentence(data, "vi")) is few


def test_what_a_reading_is_of_is_said_where_the_timeline_is_of_less():
    data = pair(1, 1, 1.02)
    for language in LANGUAGES:
        of_steps = words.READING[language]["mlp"]
        assert of_steps in words.sentence({**data, "experiment": "mlp"}, language)
        assert of_steps not in words.sentence(data, language)


def test_who_worked_alone_is_computed_from_the_trace():
    bars = [("a", "x", 0, 4, "compute"), ("b", "y", 3, 9, "copy"), ("c", "z", 4, 5, "enqueue")]
    text = words.sentence(timeline(1 / 9, bars), "en")
    assert "Alone, *b* worked for the longest: 5000\u00a0ms." in text


def test_percent_is_100_only_where_it_is_all_and_never_more():
    assert words.percent(0.999, "en") == "99%" and words.percent(1.0, "en") == "100%"
    assert words.percent(1.02, "en") == "100%"


# What leads where readings earn no verdict

def record(name, *entries):
    return {"name": name, "date": "2026-01-02", "measurements": list(entries)}


def test_a_recorded_verdict_leads_where_this_machine_earned_none(no_plots):
    open_, clear = CASES["open"][0], pair(1, 1, 1.02)
    gpu = {**clear, "devices": ["cuda:0", "cuda:1"]}
    records = {"two GPUs": record("two GPUs", gpu), "quiet": record("quiet", open_, clear)}
    for language, lead in (("en", "On record, *quiet* (2026-01-02): "),
                           ("vi", "Theo số liệu đã lưu của *quiet* (2026-01-02): ")):
        text = page.show(open_, language, records=records)[0]
        assert text.startswith(lead + words.sentence(clear, language))
        assert 0 < text.index(words.sentence(open_, language)) < text.index("|")
        assert page.show(clear, language, records=records)[0].startswith(
            words.sentence(clear, language))
    assert page.recorded(open_, {"two GPUs": records["two GPUs"]})[0]["name"] == "two GPUs"


@pytest.mark.parametrize("entry", [
    CASES["open"][0], pair(1, 1, 1) | {"experiment": "f"}, pair(1, 1, 1) | {"framework": "g"},
    versus(2, 1)])
def test_a_record_of_something_else_or_without_a_verdict_does_not_lead(entry):
    open_ = CASES["open"][0]
    assert page.recorded(open_, {"r": record("r", entry)}) is None
    assert page.recorded(open_, {}) is None


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

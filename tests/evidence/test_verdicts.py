"""Every threshold of the wording, from both sides, and numbers as they are written."""
import json
import re
from statistics import median

import pytest
from conftest import ROOT

from evidence import measure, words
from evidence.compare import interval
from evidence.kinds import KINDS
from evidence.kinds.pair import _best

STORED = json.loads((ROOT / "tests/data/readings.json").read_text("utf-8"))
LEAST = 1e-9  # what is still another side


def stored(framework, experiment, **changes):
    """Readings of the quiet machine, those of some works times a factor."""
    (entry,) = [entry for entry in STORED[0]["measurements"]
                if (entry["framework"], entry["experiment"]) == (framework, experiment)]
    seconds = {name: [changes.get(name, 1) * value for value in values]
               for name, values in entry["seconds"].items()}
    return {**entry, "seconds": seconds,
            **(measure.ratios(seconds) if entry["kind"] == "pair" else {})}


def versus(ratio):
    """Two ways whose medians have that ratio."""
    entry = stored("mxnet", "diamonds")
    slow, fast = words.medians(entry).values()
    return stored("mxnet", "diamonds", sequential=ratio * fast / slow) | {
        "kind": "versus", "speedup": ratio}


def bound(over):
    """A parallel way that takes so many times the bound."""
    entry = stored("mxnet", "diamonds")
    return {**entry, "limit": words.medians(entry)["parallel"] / over}


def pair(speedup=1.0, best=1.7, most=None):
    """Two parts with that speed-up of so much that could be, or the most efficiency shown."""
    entry = stored("mxnet", "two-devices")
    first, second = (min(entry["seconds"][name]) for name in ("first", "second"))
    shorter = (best - 1) * first / second
    parts = stored("mxnet", "two-devices", second=shorter)["seconds"]
    together = (interval(parts["first"], parts["both"])[1] / most if most else
                median(measure.in_turn(parts)) / median(parts["both"]) / speedup)
    return stored("mxnet", "two-devices", second=shorter, both=together)


def timeline(share):
    return {"kind": "timeline", "bars": [["l", "op", 0, 1, "compute"]], "share": share, "busy": 1}


def curve(slow, fast):
    seconds = {"a": [[v] * 5 for v in slow], "b": [[v] * 5 for v in fast]}
    sizes = list(range(10, 10 * len(slow) + 1, 10))
    return {"kind": "curve", "works": ["a", "b"], "sizes": sizes, "seconds": seconds}


@pytest.mark.parametrize("below, at, above", [
    # a tenth of the time is something
    (("timeline-none", timeline(0.1 - LEAST)), ("timeline-some", timeline(0.1)),
     ("timeline-some", timeline(0.1 + LEAST))),
    # a loss is more than a tenth, and so is a gain
    (("versus-loss", versus(0.9 - LEAST)), None, ("versus-none", versus(0.9 + LEAST))),
    (("versus-none", versus(1.1 - LEAST)), None, ("versus-gain", versus(1.1 + LEAST))),
    (("pair-loss", pair(0.9 - LEAST, 1.7)), None, ("pair-none", pair(0.9 + LEAST, 1.7))),
    (("pair-none", pair(1.1 - LEAST, 1.7)), None, ("pair-part", pair(1.1 + LEAST, 1.7))),
    # with less than a fifth to be had there is little to gain
    (("pair-short", pair(1.15, 1.2 - LEAST)), None, ("pair-gain", pair(1.15, 1.2 + LEAST))),
    # where nine tenths of what is possible may have been reached, nothing is said to be missing
    (("pair-part", pair(most=0.9 - LEAST)), None, ("pair-gain", pair(most=0.9 + LEAST))),
    # up to 1.3 times the bound is near it, and a two hundredth more has met it
    (("bound-near", bound(1.3 - LEAST)), None, ("bound-far", bound(1.3 + LEAST))),
    (("bound-met", bound(1.005 - LEAST)), None, ("bound-near", bound(1.005 + LEAST))),
])
def test_a_threshold_from_both_sides(below, at, above):
    for branch, numbers in filter(None, (below, at, above)):
        assert words.verdict(numbers) == branch


@pytest.mark.parametrize("best, unequal", [(1.8 - LEAST, True), (1.8 + LEAST, False)])
def test_parts_are_unequal_from_both_sides(best, unequal):
    assert ("unequal" in words.sentence(pair(1.7, best), "en")) is unequal


@pytest.mark.parametrize("over, beaten", [
    (0.5, True), (0.995 - LEAST, True), (0.995 + LEAST, False), (1.004, False)])
def test_an_estimate_that_was_beaten_is_an_estimate_that_was_reached(over, beaten):
    text = words.sentence(bound(over), "en")
    assert "an estimate of what no schedule can beat, and that was reached." in text
    assert ("It was even beaten" in text) is beaten
    in_vain = bound(over) | {"seconds": stored("mxnet", "diamonds", sequential=0.6)["seconds"]}
    assert ("It was even beaten" in words.sentence(in_vain, "en")) is beaten  # by a loss too
    assert KINDS["bound"].efficiency(bound(over)) == pytest.approx(1, abs=0.005)
    together = min(STORED[0]["measurements"][0]["seconds"]["first"])
    fast = stored("mxnet", "two-devices")
    fast["seconds"]["both"] = [over * together * (1 + i / 1000) for i in range(7)]
    assert KINDS["pair"].efficiency(fast) <= 1
    assert not re.search(r"1[0-9][1-9]%|1[1-9]0%", words.sentence(fast, "en"))


@pytest.mark.parametrize("speedup, best, beaten", [
    (1.704, 1.7, False), (1.706, 1.7, True), (1.194, 1.19, False), (1.196, 1.19, True),
    # of equal parts, the longer of them, or twice the speed
    (1.92, 1.9, False), (1.95, 1.9, True), (2.004, 1.99, False), (2.006, 1.99, True)])
def test_a_speed_up_above_what_its_parts_allow_is_said_to_be(speedup, best, beaten):
    for language, text in (("en", "above the 1."), ("vi", "cao hơn 1,")):
        assert (text in words.sentence(pair(speedup, best), language)) is beaten


def test_no_pair_could_gain_more_than_twice():
    """As it happened: the medians of 242 ms were 2.4 times the least reading of 101 ms."""
    numbers = stored("mxnet", "two-devices")
    for name in ("first", "second"):
        numbers["seconds"][name][0] /= 1.3
    assert 1.9 < _best(numbers) <= 2


def test_a_pairs_limit_is_the_longer_parts_least_reading():
    numbers = stored("mxnet", "two-devices")
    least = max(min(numbers["seconds"][name]) for name in ("first", "second"))
    assert words.duration(least, "en") in words.sentence(numbers, "en")
    assert list(KINDS["pair"].marks(numbers, "en").values())[1] == least


@pytest.mark.parametrize("slow, fast, branch", [
    ([1, 1, 1], [0.8, 0.8, 0.8], "curve-always"), ([1], [0.8], "curve-always"),
    ([1, 1, 1], [1, 0.8, 0.8], "curve-late"),  # a tie is not faster
    ([1, 1, 1], [1.2, 1.2, 0.8], "curve-cross"),
    ([1, 1, 1], [0.8, 0.8, 1], "curve-none"), ([1, 1], [1, 1], "curve-none"),
    ([1, 1, 1], [0.8, 1.2, 1.2], "curve-never"),
    ([1, 1, 1, 1], [0.8, 1.2, 1, 0.8], "curve-cross"),
    ([1, 1, 1, 1], [0.8, 1, 0.8, 0.8], "curve-late")])
def test_a_curve_from_both_sides(slow, fast, branch):
    data = curve(slow, fast)
    assert words.verdict(data) == branch
    ahead = fast[0] == 0.8 and branch != "curve-always"  # its sentence names them all
    assert ("*b* was the faster." in words.sentence(data, "en")) is ahead


BIMODAL = [0.0077, 0.0154, 0.0079, 0.0157, 0.0079]


def test_what_two_readings_in_five_contradict_is_not_said():
    """As it happened: 3.38 times at 24 was the ratio of the medians."""
    numbers = curve([1, 1, 1], [1, 1, 0.5])
    numbers["seconds"]["a"][1] = BIMODAL
    numbers["seconds"]["b"][1] = [0.0266, 0.0267, 0.0268, 0.0267, 0.0265]
    for language, said in (("en", "at 20; most clearly at 20: **between 1.69 and 3.48 times as "
                                  "fast**"), ("vi", "nhanh gấp từ 1,69 đến 3,48 lần")):
        text = words.sentence(numbers, language)
        assert said in text and words.number(3.38, language) not in text
    numbers["seconds"]["b"][0] = [2.0] * 5  # a smaller lead, of which the readings are surer
    assert "at 10, 20; most clearly at 10: **between 2.00 and 2.00" in words.sentence(
        numbers, "en")
    numbers["seconds"]["b"][0] = [1.0] * 5
    numbers["seconds"]["b"][1] = [0.0156, 0.0158, 0.0155, 0.0157, 0.0159]  # one lies among them
    text = words.sentence(numbers, "en")
    assert "At no size was" in text and "At 20 the readings decide nothing." in text


@pytest.mark.parametrize("language, numbers", [
    ("en", ("10, 20; most clearly at 20", "between 5.00 and 5.00", "From 30")),
    ("vi", ("10, 20; rõ nhất ở 20", "từ 5,00 đến 5,00", "Từ 30"))])
def test_a_curve_names_where_it_won_and_by_how_much(language, numbers):
    text = words.sentence(curve([1, 1, 4], [4, 5, 2]), language)
    assert all(part in text for part in numbers)
    never = words.sentence(curve([1, 1, 4], [4, 5, 4]), language)
    assert "30" in never and numbers[2] not in never


def test_where_the_second_way_always_wins_its_least_lead_is_told():
    text = words.sentence(curve([5, 4, 6], [1, 2, 1]), "en")
    assert "least clearly at 20: between 2.00 and 2.00 times as fast" in text


def test_medians_are_no_means():
    assert words.medians({"kind": "pair", "works": ["a", "b"], "seconds": {
        "b": [1, 2, 9], "a": [3, 3, 9]}}) == {"a": 3, "b": 2}
    assert words.medians({"kind": "curve", "works": ["a", "b"], "seconds": {
        "b": [[1, 2, 9], [5]], "a": [[3, 3, 9], [1, 1, 7]]}}) == {"a": [3, 1], "b": [2, 5]}


@pytest.mark.parametrize("seconds, text", [
    (0.00999, "9.99"), (0.01, "10.0"), (0.0999, "99.9"), (0.1, "100"), (12.3456, "12346"),
    (0.0000123, "0.01")])
def test_a_duration_has_three_figures(seconds, text):
    assert words.duration(seconds, "en") == f"{text}\u00a0ms"
    assert words.duration(seconds, "vi") == f"{text.replace('.', ',')}\u00a0ms"


@pytest.mark.parametrize("value, text", [
    (0, "0%"), (0.984, "98%"), (0.985001, "99%"), (0.999999, "99%"), (1, "100%"), (1.2, "100%")])
def test_a_percentage_is_rounded_but_never_up_to_all_or_beyond(value, text):
    assert words.percent(value, "en") == text


def test_a_pairs_numbers_are_its_sum_its_longer_part_and_their_ratio():
    seconds = {"first": [0.2] * 5, "second": [0.5] * 5, "both": [0.6] * 5}
    numbers = {"kind": "pair", "works": list(seconds), "parts": ["x", "y"], "reason": "",
               "seconds": seconds, **measure.ratios(seconds)}
    text = words.sentence(numbers, "en")
    assert words.verdict(numbers) == "pair-part"
    for part in ("took 600\u00a0ms", "other 700\u00a0ms", "**1.17 times", "needs 500\u00a0ms",
                 "83% of", "unequal (200\u00a0ms and 500\u00a0ms)", "about 1.40 times, not 2"):
        assert part in text
    numbers["seconds"] = seconds | {"first": [0.05] * 5, "both": [0.5] * 5}
    numbers |= measure.ratios(numbers["seconds"])
    assert "more than 1.10 times as fast" in words.sentence(numbers, "en")


def test_a_bounds_numbers():
    numbers = {"kind": "bound", "works": ["sequential", "parallel"], "limit": 0.5,
               "seconds": {"sequential": [1.0] * 5, "parallel": [0.625] * 5},
               "speedup": 1.6, "efficiency": 0.8}
    text = words.sentence(numbers, "en")
    assert text.startswith("*Sequential* took 1000\u00a0ms, *parallel* 625\u00a0ms: **1.60 times")
    assert "give 500\u00a0ms as an estimate" in text and "took 1.25 times that" in text


def test_a_refused_verdict_names_both_ways_the_ratio_and_its_interval():
    numbers = {**versus(1.5), "seconds": {"sequential": [1, 2, 3, 4, 5],
                                          "parallel": [2.0] * 5}}
    text = words.sentence(numbers, "en")
    assert "whether *parallel* is faster than *sequential*" in text
    assert "is 1.50; with 99% certainty the true one lies between 0.50 and 2.50" in text
    assert KINDS["versus"].summary(numbers, "en") == "1.50 (no verdict)"
    assert KINDS["versus"].summary(numbers, "vi") == "1,50 (chưa thể kết luận)"
    assert "1.50 (no verdict)" in KINDS["versus"].alt(numbers, "en")


# Readings that were kept

CASES = [(machine["name"], item) for machine in STORED for item in
         machine["measurements"] + machine["timelines"]]


@pytest.mark.parametrize("name, item", CASES, ids=lambda case: case if isinstance(case, str) else
                         f"{case['framework']}-{case['experiment']}")
def test_stored_readings_earn_what_they_earned(name, item):
    if item["kind"] == "timeline":  # their bars are not kept
        item = {**item, "bars": [["lane", "op", 0, 1, "compute"]] * bool(item["lanes"])}
    assert words.verdict(item) == item["verdict"]
    for language in ("en", "vi"):
        text = words.sentence(item, language)
        assert "{" not in text and text.lstrip("*")[0].isupper()


def test_the_stored_readings_visit_nearly_every_sentence():
    """`test_evidence.py` visits all, with numbers that are made up."""
    assert set(words.sentences("en")) - {item["verdict"] for _, item in CASES} == {
        "few", "bound-loss", "curve-always", "curve-open", "timeline-turns"}


def test_stored_ratios_are_those_of_their_readings():
    for _, item in CASES:
        if item["kind"] == "pair":
            assert measure.ratios(item["seconds"]) == {
                name: item[name] for name in ("speedup", "efficiency")}
        elif item["kind"] in ("versus", "bound"):
            slow, fast = words.medians(item).values()
            assert item["speedup"] == round(slow / fast, 4)
            assert item["efficiency"] == KINDS[item["kind"]].efficiency(item)
        elif item["kind"] == "curve":
            assert item["crossover"] == measure.crossover(
                item["sizes"], *(item["seconds"][work] for work in item["works"]))

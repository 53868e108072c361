"""Every threshold of the wording, from both sides, and numbers as they are written."""
import json

import pytest
from conftest import ROOT

from evidence import measure, words

STORED = json.loads((ROOT / "tests/data/readings.json").read_text("utf-8"))
LEAST = 1e-9  # what is still another side


def data(kind, speedup=1.0, efficiency=1.0, **more):
    """Evidence whose readings do not scatter: the ratios alone decide."""
    works = {"pair": ["first", "second", "both"]}.get(kind, ["a", "b"])
    return {"kind": kind, "works": works, "seconds": {name: [1.0] * 3 for name in works},
            "speedup": speedup, "efficiency": efficiency, **more}


def timeline(share):
    return {"kind": "timeline", "bars": [["l", "op", 0, 1, "compute"]], "share": share}


def curve(slow, fast):
    seconds = {"a": [[v] for v in slow], "b": [[v] for v in fast]}
    sizes = list(range(10, 10 * len(slow) + 1, 10))
    return {"kind": "curve", "works": ["a", "b"], "sizes": sizes, "seconds": seconds,
            "crossover": measure.crossover(sizes, *seconds.values())}


@pytest.mark.parametrize("below, at, above", [
    # a tenth of the time is something
    (("timeline-none", timeline(0.1 - LEAST)), ("timeline-some", timeline(0.1)),
     ("timeline-some", timeline(0.1 + LEAST))),
    # a loss is more than a tenth
    (("versus-loss", data("versus", 0.9 - LEAST)), ("versus-none", data("versus", 0.9)),
     ("versus-none", data("versus", 0.9 + LEAST))),
    (("pair-loss", data("pair", 0.9 - LEAST, 0.45)), ("pair-none", data("pair", 0.9, 0.45)),
     ("pair-none", data("pair", 0.9 + LEAST, 0.45))),
    # and so is a gain
    (("versus-none", data("versus", 1.1 - LEAST)), ("versus-none", data("versus", 1.1)),
     ("versus-gain", data("versus", 1.1 + LEAST))),
    (("pair-none", data("pair", 1.1 - LEAST, 0.55)), ("pair-none", data("pair", 1.1, 0.55)),
     ("pair-part", data("pair", 1.1 + LEAST, 0.55))),
    # with less than a fifth to be had there is little to gain
    (("pair-short", data("pair", 1.2 - LEAST, 1.0)), ("pair-full", data("pair", 1.2, 1.0)),
     ("pair-full", data("pair", 1.2 + LEAST, 1.0))),
    # nine tenths of what is possible is all
    (("pair-part", data("pair", 1.8, 0.9 - LEAST)), ("pair-full", data("pair", 1.8, 0.9)),
     ("pair-full", data("pair", 1.8, 0.9 + LEAST))),
    # up to 1.3 times the bound is near it
    (("bound-far", data("bound", 1.5, 1 / (1.3 + LEAST))),
     ("bound-near", data("bound", 1.5, 1 / 1.3)),
     ("bound-near", data("bound", 1.5, 1 / (1.3 - LEAST)))),
])
def test_a_threshold_from_both_sides(below, at, above):
    for branch, numbers in (below, at, above):
        assert words.verdict(numbers) == branch


def scattered(width):
    """Five readings around 1, whose middle half spans ``width``; exact in binary."""
    return [1 - width, 1 - width / 2, 1.0, 1 + width / 2, 1 + width]


@pytest.mark.parametrize("kind, calm", [
    ("pair", "pair-full"), ("versus", "versus-gain"), ("bound", "bound-near")])
@pytest.mark.parametrize("place", (0, -1))
def test_readings_are_noisy_if_the_middle_half_of_any_work_spans_over_a_quarter(kind, calm, place):
    numbers = data(kind, 1.9, 0.95)
    name = numbers["works"][place]
    numbers["seconds"][name] = scattered(0.25)
    assert words.spread(numbers["seconds"][name]) == 0.25
    assert words.verdict(numbers) == calm
    numbers["seconds"][name] = scattered(0.25 + 2 ** -20)
    assert words.verdict(numbers) == "noisy"
    assert words.noisiest(numbers) == (name, 0.25 + 2 ** -20)


def test_the_spread_is_of_the_middle_half_over_the_median():
    readings = [1, 2, 3, 4, 90]  # outliers, and a mean far from the median
    assert words.middle(readings) == (2, 4) and words.spread(readings) == 2 / 3
    assert words.middle([1, 2]) == (1.25, 1.75)
    assert words.middle([7]) == (7, 7) and words.spread([7]) == 0


@pytest.mark.parametrize("slow, fast, branch", [
    ([1, 1, 1], [0.9, 0.9, 0.9], "curve-always"), ([1], [0.9], "curve-always"),
    ([1, 1, 1], [1, 0.9, 0.9], "curve-cross"),  # a tie is not faster
    ([1, 1, 1], [1.1, 1.1, 0.9], "curve-cross"),
    ([1, 1, 1], [0.9, 0.9, 1], "curve-never"), ([1, 1], [1, 1], "curve-never"),
    ([1, 1, 1], [0.9, 1.1, 1.1], "curve-never")])
def test_a_curve_from_both_sides(slow, fast, branch):
    assert words.verdict(curve(slow, fast)) == branch


@pytest.mark.parametrize("language, ratios", [
    ("en", ("4.00", "5.00", "0.50", "20", "10", "30")),
    ("vi", ("4,00", "5,00", "0,50", "20", "10", "30"))])
def test_a_curve_names_its_first_its_best_and_its_last_ratio(language, ratios):
    first, best, last, peak, smallest, largest = ratios
    text = words.sentence(curve([1, 1, 4], [4, 5, 2]), language)
    assert words.verdict(curve([1, 1, 4], [4, 5, 2])) == "curve-cross"
    for part in (first, f"{best} ", smallest, peak, "30"):
        assert part in text
    never = words.sentence(curve([1, 1, 4], [4, 5, 4]), language)
    assert last not in text and largest in never and "1.00".replace(
        ".", words.LABELS[language]["decimal"]) in never


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
    (0, "0%"), (0.984, "98%"), (0.985001, "99%"), (0.999999, "99%"), (1, "100%"), (1.2, "120%")])
def test_a_percentage_is_rounded_but_never_up_to_all(value, text):
    assert words.percent(value, "en") == text


def test_a_pairs_numbers_are_its_sum_its_larger_part_and_their_ratio():
    seconds = {"first": [0.2] * 3, "second": [0.5] * 3, "both": [0.6] * 3}
    numbers = {"kind": "pair", "works": list(seconds), "parts": ["x", "y"], "reason": "",
               "seconds": seconds, **measure.ratios(seconds)}
    text = words.sentence(numbers, "en")
    assert words.verdict(numbers) == "pair-part"
    for part in ("took 600\u00a0ms", "other 700\u00a0ms", "**1.17 times", "needs 500\u00a0ms",
                 "83% of"):
        assert part in text
    numbers |= measure.ratios(seconds | {"first": [0.05] * 3})
    numbers["seconds"] = seconds | {"first": [0.05] * 3, "both": [0.5] * 3}
    assert "faster than 1.10 times" in words.sentence(numbers, "en")


def test_a_bounds_numbers_and_a_noisy_works_name():
    numbers = {"kind": "bound", "works": ["sequential", "parallel"], "limit": 0.5,
               "seconds": {"sequential": [1.0] * 3, "parallel": [0.625] * 3},
               "speedup": 1.6, "efficiency": 0.8}
    text = words.sentence(numbers, "en")
    assert text.startswith("*Sequential* took 1000\u00a0ms, *parallel* 625\u00a0ms: **1.60 times")
    assert "beat 500\u00a0ms; this one took 1.25 times" in text
    numbers["seconds"]["parallel"] = scattered(0.5)
    assert "readings of *parallel* scatter" in words.sentence(numbers, "en")
    assert "spans 50% of" in words.sentence(numbers, "en")
    assert words.sentence(numbers, "vi").startswith("Các lần đo *song song* phân tán")


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


def test_the_stored_readings_visit_every_sentence():
    assert {item["verdict"] for _, item in CASES} == set(words.sentences("en"))


def test_stored_ratios_are_those_of_their_readings():
    for _, item in CASES:
        if item["kind"] == "pair":
            assert measure.ratios(item["seconds"]) == {
                name: item[name] for name in ("speedup", "efficiency")}
        elif item["kind"] in ("versus", "bound"):
            slow, fast = words.medians(item).values()
            assert item["speedup"] == round(slow / fast, 4)
        elif item["kind"] == "curve":
            assert item["crossover"] == measure.crossover(
                item["sizes"], *(item["seconds"][work] for work in item["works"]))

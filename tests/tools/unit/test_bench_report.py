"""The report of `make bench`, from made-up readings."""

import pytest

from tools import bench_report
from tools.bench_report import STATES

ABOUT = {"date": "today", "processor": "P", "cores": 2, "python": "3", "versions": "sphinx 9"}
SIZES = (1, 100, 200)


def readings(*seconds, memory=100):
    return [{"seconds": each, "cpu": 2 * each, "memory": memory} for each in seconds]


def page(**changed):
    """Every build takes 1 s in each of three rounds, but for what is ``changed``."""
    found = {kind: {state: readings(1, 1, 1) for state in STATES}
             for kind in ("bare", "off", "plain", "tabs")}
    found["kernels"] = {"cold": readings(1, 1, 1)}
    for name, seconds in changed.items():
        kind, state = name.split("_")
        found[kind][state] = readings(*seconds)
    return found


def grown(law=lambda pages: 1 + pages / 100, memory=lambda kind, pages: 100):
    return {kind: {state: {pages: readings(law(pages), memory=memory(kind, pages))
                           for pages in SIZES} for state in STATES} for kind in ("plain", "tabs")}


def side(jobs=(1, 1, 1)):
    return {"plain": readings(1, 2, 4), "jobs": readings(*jobs)}


def value(words, page, grown, beside=None):
    (found,) = [each for each in bench_report.targets(page, grown, beside or side(), 30)
                if each.name.startswith(words)]
    return found.value, found.met


@pytest.mark.parametrize("words, changed, expected", [
    ("cold ÷", {"tabs_cold": (2.1, 2.2, 9)}, (1.1, True)),
    ("cold ÷", {"tabs_cold": (2.1, 2.4, 9)}, (1.2, False)),
    # round by round: a slow round is slow for all
    ("cold ÷", {"tabs_cold": (2, 4, 8), "kernels_cold": (1, 2, 4), "plain_rendering": (1, 2, 4)},
     (1.0, True)),
    ("nothing changed,", {"bare_unchanged": (.4, .5, .6)}, (.5, True)),
    ("nothing changed,", {"tabs_unchanged": (2.6, 2.6, 9)}, (1.6, False)),
    ("prose edit ÷", {"off_prose": (.8, .8, .8)}, (1.25, False)),
    ("prose edit ÷", {"tabs_prose": (1.1, 1.1, 1.1)}, (1.1, True)),
])
def test_each_target_is_what_it_says_round_by_round(words, changed, expected):
    found, met = value(words, page(**changed), grown())
    assert (found, met) == (pytest.approx(expected[0]), expected[1])


def test_a_straight_line_is_linear_and_a_parabola_is_not():
    assert value("cold: ", page(), grown()) == (pytest.approx(1), True)
    assert value("cold: ", page(), grown(lambda pages: 1 + pages ** 2))[1] is False
    assert bench_report.slope(grown()["tabs"]["cold"]) == pytest.approx(.01)


def test_side_by_side_and_unchanged_are_told_against_plain_round_by_round():
    assert value("30 pages, cold", page(), grown(), side((.9, 1.8, 9))) == (pytest.approx(.9), True)
    assert value("30 pages, cold", page(), grown(), side((.9, 2.2, 9))) == (pytest.approx(1.1),
                                                                            False)
    slow = grown()
    assert value("200 pages, nothing changed", page(), slow) == (pytest.approx(1), True)
    slow["tabs"]["unchanged"][200] = readings(4.2)
    assert value("200 pages, nothing changed", page(), slow) == (pytest.approx(1.4), False)


@pytest.mark.parametrize("jobs, unchanged, verdicts", [
    ((1, 2, 4), 3.9, ["reached", "reached"]),
    ((1, 2.1, 4.2), 4, ["**not reached**", "**not reached**"]),
])
def test_both_targets_against_plain_say_whether_they_are_reached(jobs, unchanged, verdicts):
    slow = grown()
    slow["tabs"]["unchanged"][200] = readings(unchanged)
    text = bench_report.report(page(), slow, side(jobs), 30, **ABOUT)
    lines = [line for line in text.splitlines()
             if line.startswith(("| 30 pages, cold", "| 200 pages, nothing changed"))]
    assert [line.split(" | ")[-1].removesuffix(" |") for line in lines] == verdicts
    assert f"two kernels on each page, 2 jobs | {jobs[1]:.2f} ({jobs[0]:.2f} to" in text
    assert f"| {2 * jobs[1]:.1f} |" in text


def test_memory_that_grows_with_the_pages_is_told_beyond_what_plain_takes():
    def more(of):
        return lambda kind, pages: 100 + pages * (of if kind == "tabs" else .1)

    assert value("memory", page(), grown(memory=more(.1))) == (pytest.approx(0), True)
    assert value("memory", page(), grown(memory=more(.2))) == (pytest.approx(19.9), False)


def test_a_missed_target_is_reported_as_missed_and_every_number_is_there():
    text = bench_report.report(page(tabs_cold=(3, 5, 7)), grown(), side(), 30, **ABOUT)
    assert "| 2.50 | at most 1.1 | **not reached** |" in text and text.count("| reached |") >= 6
    assert "5.00 (3.00 to 7.00)" in text and "{" not in text
    assert "| 200 | tabcells | 3.00 | 3.00 | 3.00 | 3.00 | 100 MB |" in text
    assert "| tabcells | 0.010 s |" in text and "From 1 to 200 pages" in text


def test_the_plot_has_a_line_for_each_contender_and_the_same_bytes_again(tmp_path):
    for name in ("one.svg", "two.svg"):
        bench_report.plot(grown(), tmp_path / name)
    one = (tmp_path / "one.svg").read_text()
    assert all(f"<!-- {words} -->" in one for words in (*STATES.values(), "tabcells"))
    assert one == (tmp_path / "two.svg").read_text()

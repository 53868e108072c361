"""Tables, links and pictures in words, to the letter."""
import math

import pytest

from evidence import measure, page, plots
from evidence.trace import Bar

MS = "\u00a0ms"


@pytest.fixture
def no_plots(monkeypatch):
    """What stands for each plot, which takes a while to draw; `test_trace.py` draws them."""
    svg = "<svg>not drawn</svg>"
    for name in ("pair_svg", "curve_svg", "timeline_svg"):
        monkeypatch.setattr(plots, name, lambda *arguments: svg)
    return svg


def pair():
    seconds = {"first": [0.12, 0.2, 0.2, 0.2, 0.9], "second": [0.3] * 5, "both": [0.39] + [0.4] * 4}
    return {"kind": "pair", "framework": "f", "experiment": "e", "works": list(seconds),
            "parts": ["run", "y"], "seconds": seconds, "reason": "", **measure.ratios(seconds)}


def versus(kind="versus", **more):
    return {"kind": kind, "framework": "f", "experiment": "e", "works": ["sequential", "parallel"],
            "seconds": {"sequential": [0.2] * 5, "parallel": [0.1] * 4 + [0.16]},
            "speedup": 2.0, "efficiency": None, **more}


def curve(last=0.9):
    return measure.curve("f", "e", [], sizes=[10, 20], seconds={
        "per_core": [[0.1, 0.1, 0.1, 0.1, last], [0.3] * 5], "all_cores": [[0.2] * 5, [0.2] * 5]})


def timeline(*bars):
    return dict(measure.timeline("f", "e", [Bar(*each) for each in bars]))


@pytest.mark.parametrize("data, lines", [
    (pair(), ["| quantity | median | interval |", "|---|--:|--:|",
              f"| T₁: compute | 200{MS} | 120–900{MS} |", f"| T₂: y | 300{MS} | 300–300{MS} |",
              f"| T₁ + T₂: one after the other | 500{MS} |  |",
              f"| limit (estimate) | 300{MS} |  |", f"| together | 400{MS} | 390–400{MS} |",
              "| **speed-up** | **1.25** | 1.05–3.08 |", "| **efficiency** | **0.75** | |"]),
    (versus(), ["| quantity | median | interval |", "|---|--:|--:|",
                f"| sequential | 200{MS} | 200–200{MS} |",
                f"| parallel | 100{MS} | 100–160{MS} |",
                "| **speed-up** | **2.00** | 1.25–2.00 |"]),
    (versus("bound", efficiency=0.5, limit=0.05), [
        "| quantity | median | interval |", "|---|--:|--:|",
        f"| sequential | 200{MS} | 200–200{MS} |", f"| parallel | 100{MS} | 100–160{MS} |",
        f"| bound (estimate) | 50.0{MS} |  |", "| **speed-up** | **2.00** | 1.25–2.00 |",
        "| **efficiency** | **0.50** | |"]),
    (curve(), ["| size | one per core | all cores | ratio |", "|--:|--:|--:|--:|",
               f"| 10 | 100{MS} | 200{MS} | 2.00 (0.22–2.00) |",
               f"| 20 | 300{MS} | 200{MS} | 0.67 (0.67–0.67) |"]),
    (timeline(("a", "x", 0, 1, "compute"), ("b", "y", 0.5, 3, "copy"), ("c", "z", 0, 1, "enqueue")),
     ["| lane | busy | of it copying | of it beside another lane |", "|---|--:|--:|--:|",
      f"| a | 1000{MS} | 0% | 50% |", f"| b | 2500{MS} | 100% | 20% |",
      f"| c | 0.00{MS} | 0% | 0% |"]),
])
def test_a_table_line_by_line(data, lines, no_plots):
    text, svg, _ = page.show(data, "en")
    assert text.split("\n\n")[1:] == ["\n".join(lines)]
    assert svg == no_plots


def test_one_lane_has_no_table_and_a_trace_has_a_link(no_plots):
    one = timeline(("a", "x", 0, 1, "compute"), ("a", "y", 2, 3, "copy"))
    text, svg, alt = page.show(one, "en")
    assert "|" not in text and "](" not in text and svg
    assert alt == "Timeline with one lane: a."
    text, _, _ = page.show(one, "vi", trace_link="there")
    assert "\n\n[Tải vết thực thi](there) (JSON); xem ở [ui.perfetto.dev](https://" in text
    assert page.show(timeline(), "en", trace_link="there") == (
        "The profiler recorded no operation.", "", "")


@pytest.mark.parametrize("data, alt", [
    (pair(), "Each reading as a dot, the medians as bars: compute; y; together, beside the sum "
             "and the limit. Speed-up 1.25."),
    (versus(), "Each reading as a dot, the medians as bars: sequential; parallel. Speed-up 2.00."),
    (versus("bound", efficiency=0.5, limit=0.05),
     "Each reading as a dot, the medians as bars: sequential; parallel. Speed-up 2.00."),
    (curve(), "Two lines of medians over the size: one per core; all cores. "
     "Where the readings show them to cross: –."),  # one of 0.9 leaves that open
    (curve(last=0.1), "Two lines of medians over the size: one per core; all cores. "
     "Where the readings show them to cross: 15."),
    (timeline(("a", "x", 0, 1, "copy"), ("b", "x", 0, 1, "copy"), ("a", "x", 2, 4, "copy")),
     "Timeline with 2 lanes: a, b. Two or more work at the same time for 33% of the time.")])
def test_a_picture_in_words(data, alt, monkeypatch):
    calls = []
    for name in ("pair_svg", "curve_svg", "timeline_svg"):
        monkeypatch.setattr(plots, name, lambda *arguments: calls.append(arguments) or "")
    assert page.show(data, "en", "prefix")[2] == alt
    ((*_, prefix),) = calls
    (said,) = [words["alt"] for words in calls[0] if isinstance(words, dict) and "alt" in words]
    assert (prefix, said) == ("prefix", alt)


@pytest.mark.parametrize("data, marks", [
    (pair(), ["one after the other", "limit (estimate)"]),
    (versus(), []), (versus("bound", efficiency=0.5, limit=0.05), ["bound (estimate)"])])
def test_a_plot_marks_what_cannot_be_beaten(monkeypatch, data, marks):
    calls = []
    monkeypatch.setattr(plots, "pair_svg", lambda *arguments: calls.append(arguments) or "")
    page.show(data, "en", "p")
    ((rows, say, dashed, prefix),) = calls
    assert list(dashed) == marks and prefix == "p" and say["seconds"] == "seconds"
    assert [seconds for _, seconds in rows] == list(data["seconds"].values())
    if data["kind"] == "pair":
        assert list(dashed.values()) == [0.5, 0.3]
        assert [label for label, _ in rows] == ["compute", "y", "together"]
    if data["kind"] == "bound":
        assert list(dashed.values()) == [0.05]


def test_a_curve_is_drawn_from_medians_with_its_crossings(monkeypatch):
    calls = []
    monkeypatch.setattr(plots, "curve_svg", lambda *arguments: calls.append(arguments) or "")
    page.show(curve(last=0.1), "en", "p")
    ((sizes, lines, say, crossings, prefix),) = calls
    assert (sizes, say["unit"], prefix) == ([10, 20], "milliseconds", "p")
    assert lines == {"one per core": [100, 300], "all cores": [200, 200]}
    # Straight lines on paper with logarithms: from 0.1 to 0.3 through 0.2.
    assert crossings == [pytest.approx(10 * 2 ** (math.log(2) / math.log(3)))]


def test_where_it_is_known_how_much_was_done_the_curve_is_one_of_rates(monkeypatch):
    calls = []
    monkeypatch.setattr(plots, "curve_svg", lambda *arguments: calls.append(arguments) or "")
    page.show({**curve(last=0.1), "amounts": [2e8, 6e8]}, "en", "p")
    ((_, lines, say, crossings, _),) = calls
    assert say["unit"] == "billion operations per second"
    assert lines == {"one per core": pytest.approx([2, 2]), "all cores": pytest.approx([1, 3])}
    assert crossings == [pytest.approx(10 * 2 ** (math.log(2) / math.log(3)))]  # where it was


def output(data):
    return {"output_type": "display_data", "data": {page.MIME: data}}


@pytest.mark.parametrize("docname, link", [
    ("a", "traces/f-e.json"), ("a/b", "../traces/f-e.json"), ("a/b/c", "../../traces/f-e.json")])
def test_in_the_book_a_timeline_links_its_trace(docname, link, no_plots):
    where = {"docname": docname, "tab": "t", "cell": "1-0", "language": "en"}
    bars = [("a", "x", 0, 1, "compute")]
    text, plot = page.render_output(output(timeline(*bars)), where)
    assert text["data"]["text/markdown"] == text["data"]["text/plain"]
    assert f"\n\n[Download the trace]({link}) (JSON); " in text["data"]["text/markdown"]
    assert text["output_type"] == plot["output_type"] == "display_data"
    assert plot["data"]["text/html"] == f'<div class="evidence">{no_plots}</div>'
    assert plot["data"]["text/plain"].startswith("Timeline with one lane")
    (alone,) = page.render_output(output(timeline()), where)
    assert alone["data"]["text/markdown"] == "The profiler recorded no operation."
    text, _ = page.render_output(output(pair()), where)
    assert "](" not in text["data"]["text/markdown"]
    assert "\n\n: Readings: e\n\n| quantity |" in text["data"]["text/markdown"]


def test_in_a_notebook_the_language_is_english_unless_told(monkeypatch):
    monkeypatch.delenv("BOOK_LANGUAGE", raising=False)
    bundle = page.notebook_bundle(pair())
    assert "<td>T₁: compute</td>" in bundle["text/html"] and bundle["text/html"].endswith("</svg>")
    assert 'id="evidence-f-pair-e-title"' in bundle["text/html"]
    assert bundle["text/plain"].endswith("Speed-up 1.25.")
    monkeypatch.setenv("BOOK_LANGUAGE", "vi")
    assert "<td>T₁: tính</td>" in page.notebook_bundle(pair())["text/html"]


def test_a_terminal_reads_columns_and_no_marks(no_plots):
    text = page.notebook_bundle(pair())["text/plain"]
    assert not set("*|`") & set(text)
    _sentence, table, alt = text.split("\n\n")
    assert table.splitlines()[:3] == [
        "quantity                      median    interval",
        "----------------------------  ------  ----------",
        f"T₁: compute                   200{MS}  120–900{MS}"]
    assert alt.startswith("Each reading as a dot")

"""What this machine measured: published, in its schema, and said on the page as it is.

What is claimed of speed is checked on the run that the site shows.  A neighbour on the machine
can spoil that run, so a claim that it refutes is tried on a fresh run of all cells, and on one
more: a cell that is wrong fails three times.  pytest's closing line counts these reruns.
"""
import functools
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import jsonschema
import pytest
from bs4 import BeautifulSoup
from conftest import CHAPTER, LANGUAGES, ROOT

from evidence import trace, words
from evidence.page import trace_name

MAIN = f"{CHAPTER}/auto-parallelism"


@pytest.fixture(scope="module")
def published(site):
    return json.loads((site / "vi" / "measurements.json").read_text("utf-8"))


about_speed = pytest.mark.flaky(reruns=2, only_rerun="AssertionError")


@pytest.fixture
def readings(request, published):
    """What was measured: by the site's run, and in a rerun of the test by a fresh one."""
    count = request.node.execution_count
    return published if count == 1 else fresh_run(count)


@functools.cache
def fresh_run(number):
    """The ``number``-th run of every cell of the book, in a build with no records to find."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "-m", "sphinx", "-b", "html", "-q", "-D", "language=vi",
             "-D", f"tabcells_cache={folder}/tabcells", "-d", f"{folder}/doctrees", ".",
             f"{folder}/out"], cwd=ROOT, check=True, timeout=900,
            env={**os.environ, "BOOK_LANGUAGE": "vi", "BOOK_EXECUTION": "cache", "NO_COLOR": "1"})
        return json.loads(Path(folder, "out", "measurements.json").read_text("utf-8"))


def measured(published, framework, experiment):
    found = [m for m in published["measurements"]
             if (m["framework"], m["experiment"]) == (framework, experiment)]
    assert len(found) == 1, (framework, experiment)
    return found[0]


def test_they_keep_to_the_schema_and_are_the_same_in_both_languages(site, published):
    schema = json.loads((ROOT / "evidence" / "measurements.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(published, schema, jsonschema.Draft202012Validator)
    assert json.loads((site / "en" / "measurements.json").read_text("utf-8")) == published


def squeeze(text):
    return re.sub(r"\W+", "", text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_sentence_on_a_page_is_what_the_numbers_earn(site, published, language):
    text = {}
    for data in published["measurements"] + [
            {**line, "bars": line["lanes"]} for line in published["timelines"]]:
        page = data["page"]
        if page not in text:
            tree = BeautifulSoup((site / language / f"{page}.html").read_text("utf-8"),
                                 "html.parser")
            text[page] = squeeze(tree.get_text())
        assert squeeze(words.sentence(data, language)) in text[page], (data["experiment"], language)


@about_speed
@pytest.mark.parametrize("framework", ["mxnet", "pytorch"])
def test_two_devices_work_side_by_side(readings, framework):
    data = measured(readings, framework, "two-devices")
    assert data["efficiency"] >= 0.9 and data["speedup"] >= 1.8


@about_speed
def test_eager_calls_of_one_thread_do_not(readings):
    data = measured(readings, "pytorch", "two-devices-one-thread")
    if "cuda" not in data["devices"][0]:
        assert data["speedup"] <= 1.3


@about_speed
def test_the_automatic_mlp_beats_the_waiting_one(readings):
    assert measured(readings, "mxnet", "mlp")["speedup"] >= 1.6
    assert measured(readings, "pytorch", "mlp")["speedup"] > 1.1


@about_speed
def test_copies_aside_overlap_and_copies_in_line_do_not(readings):
    aside = measured(readings, "pytorch", "run-and-copy-aside")
    assert aside["speedup"] > 1.1
    if not readings["machine"]["gpus"]:
        assert measured(readings, "pytorch", "run-and-copy")["speedup"] < aside["speedup"]
        assert measured(readings, "mxnet", "run-and-copy")["speedup"] < 1.15


@about_speed
def test_exercise_1_a_second_worker_and_room_for_it(readings):
    assert measured(readings, "mxnet", "one-device")["speedup"] > 1.5
    assert measured(readings, "mxnet", "temporary-space")["speedup"] > 1.3
    assert measured(readings, "pytorch", "one-device")["speedup"] < 1.5  # cores in use already


@about_speed
@pytest.mark.parametrize("framework", ["mxnet", "pytorch"])
def test_exercise_2_one_small_operator_per_core_pays_somewhere(readings, framework):
    slow, fast = words.medians(measured(readings, framework, "operator-size")).values()
    assert max(b / a for a, b in zip(slow, fast)) > 1.1


@about_speed
@pytest.mark.parametrize("framework", ["mxnet", "pytorch"])
def test_exercise_3_more_than_one_thing_at_once(readings, framework):
    assert measured(readings, framework, "three-at-once")["speedup"] > 1.3


@about_speed
@pytest.mark.parametrize("framework", ["mxnet", "pytorch"])
def test_exercise_5_is_faster_and_near_its_bound(readings, framework):
    graphs = [measured(readings, framework, name) for name in ("diamonds", "tree", "pipeline")]
    speedups, efficiencies = (
        sorted(data[ratio] for data in graphs) for ratio in ("speedup", "efficiency"))
    assert speedups[0] > 1.15
    assert efficiencies[1] >= 1 / 1.3  # two of three
    assert efficiencies[-1] < 1.1  # a bound that is beaten is none


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_exercise_has_a_hint_and_a_solution_that_is_folded(site, language):
    page = site / language / f"{MAIN}-exercises.html"
    tree = BeautifulSoup(page.read_text("utf-8"), "html.parser")
    sections = tree.select("article section section:has(> h2)")
    statements = BeautifulSoup((site / language / f"{MAIN}.html").read_text("utf-8"),
                               "html.parser").select("article ol:last-of-type > li")
    assert len(sections) == len(statements) == 5
    for section, statement in zip(sections, statements):
        folds = section.select("details.fold")
        assert len(folds) == 2 and not any(fold.has_attr("open") for fold in folds)
        assert squeeze(statement.get_text()) in squeeze(section.get_text())
        for tab in ("MXNet", "PyTorch"):
            assert folds[1].select(f'[data-label="{tab}"] .cell_output'), (section, tab)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_timeline_has_its_trace_and_they_agree(site, published, language):
    assert published["timelines"]
    for line in published["timelines"]:
        bars = trace.read_trace(site / language / line["trace"])
        assert line["trace"] == trace_name(line)
        assert trace.overlap(bars)["share"] == pytest.approx(line["share"], abs=1e-3)
        page = (site / language / f"{line['page']}.html").read_text("utf-8")
        assert f'{"../" * line["page"].count("/")}{line["trace"]}"' in page


@about_speed
def test_timelines_show_the_overlap_that_was_measured(readings):
    share = {(line["framework"], line["experiment"]): line["share"]
             for line in readings["timelines"]}
    assert share["mxnet", "two-devices"] > 0.8 < share["pytorch", "two-devices"]
    if not readings["machine"]["gpus"]:
        assert share["pytorch", "two-devices-one-thread"] < 0.1


@about_speed
def test_all_cells_of_both_frameworks_took_less_than_four_minutes(readings):
    assert sum(run["seconds"] for run in readings["runs"]) < 240


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_machines_on_record_stand_beside_this_one(site, published, language):
    tree = BeautifulSoup((site / language / f"{MAIN}.html").read_text("utf-8"), "html.parser")
    table = next(t for t in tree.select("table") if t.select("th")[0].get_text() in (
        "experiment", "thí nghiệm"))
    names = [json.loads(p.read_text("utf-8"))["name"] for p in (ROOT / "records").glob("*.json")]
    assert [th.get_text() for th in table.select("thead th")][2:] == sorted(names)
    here = [row.select("td")[1].get_text() for row in table.select("tbody tr")]
    ratio = words.number(measured(published, "mxnet", "two-devices")["speedup"], language)
    assert any(cell.startswith(ratio) for cell in here)


@pytest.mark.parametrize("language", LANGUAGES)
def test_plots_tell_in_words_what_they_show(site, language):
    for path in (site / language).rglob("*.html"):
        for svg in BeautifulSoup(path.read_text("utf-8"), "html.parser").select(".evidence svg"):
            assert svg["role"] == "img"
            title = svg.find(id=svg["aria-labelledby"])
            assert len(title.get_text()) > 20, path

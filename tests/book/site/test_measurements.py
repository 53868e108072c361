"""What this machine measured: published, in its schema, and said on the page as it is.

How fast it was is no matter of a test: `make evidence` tells what it shows of the chapter's
claims.
"""
import json
import re
from dataclasses import astuple, replace

import jsonschema
import pytest
from babel.messages.pofile import read_po
from bs4 import BeautifulSoup
from conftest import CHAPTER, LANGUAGES, ROOT, TABS, TABS_OF

from evidence import graph, kinds, step, trace, words

MAIN = f"{CHAPTER}/auto-parallelism"
#: The frameworks whose cells train the MLP.
WITH_MLP = [tab for tab in TABS
            if f"timeline('{tab}', 'mlp'" in (ROOT / f"{MAIN}.md").read_text("utf-8")]


@pytest.fixture(scope="module")
def published(site):
    return json.loads((site / "vi" / "measurements.json").read_text("utf-8"))


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
            {**line, "bars": [astuple(bar) for bar in trace.read_trace(
                site / language / line["trace"])]} for line in published["timelines"]]:
        page = data["page"]
        if page not in text:
            tree = BeautifulSoup((site / language / f"{page}.html").read_text("utf-8"),
                                 "html.parser")
            text[page] = squeeze(tree.get_text())
        assert squeeze(words.sentence(data, language)) in text[page], (data["experiment"], language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_exercise_has_a_hint_and_a_solution_that_is_folded(site, language):
    page = site / language / f"{MAIN}-exercises.html"
    tree = BeautifulSoup(page.read_text("utf-8"), "html.parser")
    sections = tree.select("article section.exercise")
    statements = BeautifulSoup((site / language / f"{MAIN}.html").read_text("utf-8"),
                               "html.parser").select("article ol:last-of-type > li")
    assert len(sections) == len(statements) == 5
    for section, statement in zip(sections, statements):
        folds = section.select("details.fold")
        assert len(folds) == 2 and not any(fold.has_attr("open") for fold in folds)
        assert squeeze(statement.get_text()) in squeeze(section.get_text())
        for tab in map(TABS.get, TABS_OF["auto-parallelism-exercises"]):
            assert folds[1].select(f'[data-label="{tab}"] .cell_output'), (section, tab)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_timeline_has_its_trace_and_they_agree(site, published, language):
    assert published["timelines"]
    for line in published["timelines"]:
        bars = trace.read_trace(site / language / line["trace"])
        assert line["trace"] == kinds.of(line).trace_name(line)
        assert trace.overlap(bars)["share"] == pytest.approx(line["share"], abs=1e-3)
        page = (site / language / f"{line['page']}.html").read_text("utf-8")
        assert f'{"../" * line["page"].count("/")}{line["trace"]}"' in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_machines_on_record_stand_beside_this_one(site, published, language):
    tree = BeautifulSoup((site / language / f"{MAIN}.html").read_text("utf-8"), "html.parser")
    table = next(t for t in tree.select("table") if t.select("th")[0].get_text() in (
        "experiment", "thí nghiệm"))
    names = [json.loads(p.read_text("utf-8"))["name"] for p in (ROOT / "records").glob("*.json")]
    if language == "vi":  # a record may have a name in each language
        with (ROOT / "locale" / "vi" / "LC_MESSAGES" / "sphinx.po").open("rb") as file:
            known = read_po(file)
        names = [known[name].string if name in known else name for name in names]
    assert [th.get_text() for th in table.select("thead th")][2:] == sorted(names)
    here = [row.td.get_text() for row in table.select("tbody tr")]
    ratio = words.number(measured(published, "mxnet", "two-devices")["speedup"], language)
    assert any(cell.startswith(ratio) for cell in here)


@pytest.mark.parametrize("language", LANGUAGES)
def test_plots_tell_in_words_what_they_show(site, language):
    for path in (site / language).rglob("*.html"):
        for svg in BeautifulSoup(path.read_text("utf-8"), "html.parser").select(".evidence svg"):
            assert svg["role"] == "img"
            title = svg.find(id=svg["aria-labelledby"])
            assert len(title.get_text()) > 20, path


@pytest.mark.parametrize("framework", WITH_MLP)
def test_the_ranges_of_the_framework_mark_the_mlps_bars(site, published, framework):
    [line] = [line for line in published["timelines"]
              if (line["framework"], line["experiment"]) == (framework, "mlp")]
    # What MXNet prepares for later is no task's.
    bars = [bar for bar in trace.read_trace(site / "vi" / line["trace"])
            if not bar.name.startswith("Resource")]
    tasks = step.tasks_of(line)
    assert tasks == [replace(task, op="") for task in graph.mlp()]
    assert {bar.task for bar in bars} == {task.name for task in tasks if task.needs}
    assert all(each["seconds"] > 0 for each in line["tasks"] if each["needs"])
    for bar in step.placed(bars, tasks):  # who computes is whose task it is
        column = bar.lane.partition(":")[0]
        lane = next(task.lane for task in tasks if task.name == bar.task)
        assert column == lane or bar.kind == "copy", bar

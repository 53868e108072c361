"""The book's own extension, on a stub project: folds, published numbers, records."""
import json
import re

import pytest
from bs4 import BeautifulSoup

CELL = """```{code-cell} python
:tab: a

from evidence import Evidence, timeline
from evidence.trace import Bar
display(Evidence(kind='pair', framework='a', experiment='two-devices', reason='',
                 devices=['d1', 'd2'], parts=['d1', 'd2'], works=['first', 'second', 'both'],
                 seconds={'first': [1.0] * 5, 'second': [1.0] * 5, 'both': [1.25] * 5},
                 speedup=1.6, efficiency=0.8))
display(Evidence(kind='versus', framework='a', experiment='mlp', devices=[],
                 works=['waiting', 'automatic'],
                 seconds={'waiting': [2, 3, 4, 5, 6], 'automatic': [3, 3, 3, 3, 3]},
                 speedup=1.3333, efficiency=None))
timeline('a', 'two-devices', [Bar('l1', 'op', 0, 1, 'compute'),
                                  Bar('l2', 'op', 0.5, 1, 'compute')])
```
"""

#: It shows what the cell's readings do not decide.
RECORD = {"name": "made in a test", "date": "2026-01-02", "runs": [], "timelines": [],
          "machine": {"processor": "P", "cores": 2, "gpus": []},
          "measurements": [{"kind": "versus", "framework": "a", "experiment": "mlp",
                            "devices": [], "works": ["waiting", "automatic"],
                            "seconds": {"waiting": [1.23] * 5, "automatic": [1.0] * 5},
                            "speedup": 1.23, "efficiency": None}]}


@pytest.fixture
def book(project):
    conf = project.folder / "conf.py"
    conf.write_text(conf.read_text() + (
        'extensions += ["book"]\nmyst_enable_extensions += ["attrs_block"]\n'
        'tabcells_output = "book.machines.render_output"\nlanguage = "en"\n'
        'nb_render_markdown_format = "gfm"\n'))
    (project.folder / "records").mkdir()
    return project


def built(book):
    done = book.build(EVIDENCE_RAW="1")
    assert done.returncode == 0, done.stdout + done.stderr
    return BeautifulSoup(book.html(), "html.parser")


def test_a_folded_section_is_a_details_element_with_its_heading_and_cells(book):
    book.write("{.fold}\n## Solution\n\nProse.\n\n```{code-cell} python\n:tab: a\n\n"
               "print('in the fold')\n```\n\n## Next\n\nMore.\n")
    page = built(book)
    fold = page.select_one("details.fold")
    assert fold.summary.h2.get_text().startswith("Solution")
    assert "in the fold" in fold.get_text() and "More." not in fold.get_text()
    assert "open" not in fold.attrs and len(page.select("details.fold")) == 1


def test_labels_are_addresses_and_an_inserted_section_moves_no_old_link(book):
    sections = "(sec_one)=\n## One\n\nText.\n\n(sec_two)=\n{.fold}\n## Two\n\nText.\n"
    old = book.folder / "addresses.tsv"
    for body, first in ((sections, "sec-one"), (f"(sec_new)=\n## New\n\nText.\n\n{sections}",
                                                "sec-new")):
        book.write(body)
        old.write_text("index\ts1-1\tsec_one\nindex\ts1-2\tsec_two\n")
        page = built(book)
        assert page.select_one("section section")["id"] == first
        assert page.select_one("#sec-one > span#s1-1") and page.select_one("#sec-one > span#one")
        assert page.select_one("#sec-two > span#s1-2")
        assert page.select_one("details > #in-sec-two > span#in-s1-2")  # opens the fold
    old.write_text("index\ts1-3\tsec_two\n")  # the page itself is as it was
    page = built(book)
    assert page.find(id="s1-3") and not page.find(id="s1-2")
    old.write_text("index\ts1\tsec_gone\n")
    done = book.build()
    assert done.returncode and "addresses.tsv:1: no section of this page has the label 'sec_gone'" \
        in done.stderr


def test_evidence_is_shown_and_published_from_the_kernels_own_output(book):
    book.write(CELL + "\n```{machines}\n```\n")
    page = built(book)
    text = re.sub(r"\s+", " ", page.get_text())
    assert "1.60 times as fast" in text and "No other machine is on record yet." in text
    published = json.loads((book.folder / "out" / "measurements.json").read_text())
    assert [m["speedup"] for m in published["measurements"]] == [1.6, 1.3333]
    assert published["timelines"][0]["share"] == 0.5
    assert published["runs"][0]["kernel"] == "stub-a"
    trace = book.folder / "out" / published["timelines"][0]["trace"]
    assert json.loads(trace.read_text())["traceEvents"]
    book.write(CELL.replace("speedup=1.6", "speedup=1.7"))  # what is published follows the page
    built(book)
    published = json.loads((book.folder / "out" / "measurements.json").read_text())
    assert [m["speedup"] for m in published["measurements"]] == [1.7, 1.3333]
    # What earned no verdict is led by a record as soon as there is one: nobody edited the page.
    (book.folder / "records" / "r.json").write_text(json.dumps(RECORD))
    assert "On record, made in a test" in built(book).get_text()
    book.write("No cell any more.")
    built(book)
    published = json.loads((book.folder / "out" / "measurements.json").read_text())
    assert published["measurements"] == []


def test_a_record_stands_beside_the_build_and_a_broken_one_stops_it(book):
    book.write(CELL + "\n```{machines}\n```\n")
    file = book.folder / "records" / "r.json"
    file.write_text(json.dumps(RECORD))
    page = built(book)
    table = page.find_all("table")[-1]
    assert [th.get_text() for th in table.select("thead th")] == [
        "experiment", "this build", "made in a test"]
    assert [td.get_text() for td in table.select("tbody :is(th, td)")] == [
        "Tab A, two devices", "1.60 (0.80)", "not measured",
        "Tab A, MLP", "1.33 (no verdict)", "1.23"]
    text = re.sub(r"\s+", " ", page.get_text())
    assert "On record, made in a test (January 2, 2026): A wait after every task took 1230" in text
    assert "This run: No verdict: the readings do not decide" in text and "Mann-Whitney" in text
    file.write_text("{}")
    done = book.build()
    assert done.returncode and "records/r.json: lacks" in done.stdout + done.stderr


def test_a_page_without_cells_shows_a_recorded_timeline(book):
    book.write("```{recorded-timeline} two-devices a\n```\n")
    assert "No other machine is on record yet." in built(book).get_text()
    bars = [["cpu(0)", "dot", 0.0, 1.0, "compute"], ["cpu(1)", "dot", 0.0, 1.0, "compute"]]
    lines = [{"framework": framework, "experiment": "two-devices", "bars": bars, "share": 1.0}
             for framework in ("b", "a")]
    (book.folder / "records" / "r.json").write_text(json.dumps({**RECORD, "timelines": lines}))
    page = built(book)
    assert len(page.select(".evidence svg")) == 1
    assert "made in a test: Tab A, two devices" in page.get_text()


def test_a_cell_whose_helper_changed_runs_again(book):
    helper = book.folder / "helper.py"
    helper.write_text("x = 'first'\n")
    book.write("```{code-cell} python\n:tab: a\n\nfrom helper import x\nprint(x)\n```\n")
    assert "first" in built(book).get_text()
    helper.write_text("x = 'second'\n")
    page = built(book)
    assert "second" in page.get_text() and "first" not in page.get_text()


def test_an_edited_way_of_showing_is_shown_and_executes_nothing(project):
    shower = project.folder / "shower.py"
    text = "def show(output, where):\n    output['text'] = {!r}\n    return [output]\n"
    shower.write_text(text.format("first way"))
    conf = project.folder / "conf.py"
    conf.write_text(conf.read_text() + 'tabcells_output = "shower.show"\n'
                    'import os, sys; sys.path.insert(0, os.path.abspath("."))\n')
    project.write("```{code-cell} python\n:tab: a\n\nprint(1)\n```\n")
    assert "first way" in built(project).get_text()
    shower.write_text(text.format("second way"))
    done = project.build()
    assert "second way" in project.html() and "cell 1 of" not in done.stdout


def test_a_page_whose_source_is_gone_leaves_the_site(book):
    book.write("```{toctree}\n:glob:\n\nm*\n```\n")
    book.write("Text.\n", "more.md")
    built(book)
    page = book.folder / "out" / "more.html"
    assert page.exists()
    (book.folder / "more.md").unlink()
    book.write("Nothing more.\n")
    built(book)
    assert not page.exists()


def test_away_from_the_site_nothing_folds_and_what_only_the_site_has_is_left_out(book):
    book.write("{.site-only}\nSearch there.\n\n{.fold}\n## Solution\n\nProse.\n\n"
               '<i style="color: var(--ink, #123)">x</i> <a href="traces/t.json">file</a>\n')
    for builder, file in (("singlehtml", "index.html"), ("epub", "index.xhtml")):
        done = book.build("-D", "version=1", "-D", "copyright=-", builder=builder, out=builder,
                          doctrees="trees")
        assert done.returncode == 0, done.stdout + done.stderr
        text = (book.folder / builder / file).read_text("utf-8")
        assert "Prose." in text and "Search there." not in text and "<details" not in text
        assert "t.json" not in text
        assert ("color: #123" in text) == (builder == "epub")


@pytest.mark.parametrize("builder, file", [("singlehtml", "index.html"), ("epub", "index.xhtml")])
def test_a_link_to_what_an_edition_leaves_out_is_text_there(book, builder, file):
    conf = book.folder / "conf.py"
    conf.write_text(conf.read_text() + 'extensions.append("sphinxcontrib.bibtex")\n'
                    'bibtex_bibfiles = ["a.bib"]\nbibtex_reference_style = "author_year_en"\n')
    (book.folder / "a.bib").write_text("@misc{key, author={A}, title={T}, year=2001}")
    links = ("[to it](#gone), {ref}`gone`, {ref}`words <line>`, {cite:t}`key`, {term}`word`, "
             "[kept](#kept)\n\n")
    book.write("```{toctree}\nother\n```\n\n" + links + "(kept)=\n## Kept\n\nText.\n\n"
               "```{contents}\n```\n")
    book.write(links + "(gone)=\n{.site-only}\n## Gone\n\n### Gone too\n\nText.\n\n"
               "```{glossary}\nword\n  Meaning\n```\n\n```{bibliography}\n```\n\n"
               "## Stays\n\n(line)=\n{.site-only}\nOnly there.\n", "other.md")
    options = ("-D", "version=1", "-D", "copyright=-")
    assert book.build(*options, doctrees="trees").returncode == 0  # the site's, kept
    done = book.build(*options, builder=builder, out=builder, doctrees="trees")
    assert done.returncode == 0, done.stdout + done.stderr
    pages = [BeautifulSoup(path.read_text("utf-8"), "html.parser")
             for path in (book.folder / builder).glob("*html")]
    texts = [" ".join(p.get_text().split()) for page in pages for p in page.select("p")]
    assert texts.count("to it, Gone, words, A [2001], word, kept") == 2
    links = [link for page in pages for link in page.select("a[href]")]
    assert not [link for link in links if re.search("#(gone|line|term)|other.*#id", link["href"])]
    assert not [link for link in links if link.get_text().startswith("Gone")]
    if builder == "epub":
        contents = (book.folder / builder / "nav.xhtml").read_text("utf-8")
        assert "Stays" in contents and "Gone" not in contents
    done = book.build(*options, doctrees="trees")
    assert done.returncode == 0 and "Gone too" in book.html()  # the site has all

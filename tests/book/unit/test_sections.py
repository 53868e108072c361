"""Sections of a written page: titles, places, and whose text is whose."""
from book.search import WORDS, page_entries

PAGE = """<html><body><nav><section id="elsewhere"><h1>Not this</h1></section></nav>
<article role="main"><section id="top">
<h1><span class="section-number">1. </span>Đồ thị<a class="headerlink" href="#top">¶</a></h1>
<p>Gọi <code><span>run</span></code>, rồi chờ.</p><p>Hết.<!-- a remark --></p>
<div class="toctree-wrapper"><a href="x.html">Another page</a></div>
<div class="tabcells"><div role="tablist"><button data-tab="a">A</button></div>
<div role="tabpanel" data-tab="a"><p>For A.</p><pre>x = <span>1</span>
y = 2</pre></div>
<div role="tabpanel" data-tab="b"><p>For B.</p>
<p class="rubric" id="inner">Inside B</p><p>Under it.</p>
<p class="rubric" id="second">Also B</p><p>More.</p></div></div>
<p>For all.</p><p class="provenance">EPYC</p>
<section id="below"><details class="fold"><summary><h2>Below</h2></summary>
<span class="fold-start" id="in-below"><span id="in-old"></span></span>
<svg><text>drawn</text></svg><p>Hidden.</p></details></section>
</section></article></body></html>"""


def entries():
    return {entry["anchor"]: entry for entry in page_entries(PAGE, "p.html")}


def test_each_heading_has_an_entry_with_its_place():
    assert [(e["anchor"], e["title"], e["crumbs"], e.get("tab"))
            for e in page_entries(PAGE, "p.html")] == [
        ("top", "Đồ thị", [], None), ("inner", "Inside B", ["Đồ thị"], "b"),
        ("second", "Also B", ["Đồ thị"], "b"), ("in-below", "Below", ["Đồ thị"], None)]
    assert {e["page"] for e in page_entries(PAGE, "p.html")} == {"p.html"}


def test_a_section_has_its_own_text_by_tab_and_kind_and_nothing_else():
    assert entries()["top"]["parts"] == [
        ["", "prose", "Gọi run, rồi chờ. Hết."], ["a", "prose", "For A."],
        ["a", "code", "x = 1 y = 2"], ["b", "prose", "For B."], ["", "prose", "For all."]]
    assert entries()["inner"]["parts"] == [["b", "prose", "Under it."]]
    assert entries()["in-below"]["parts"] == [["", "prose", "Hidden."]]


def test_a_page_without_a_section_has_no_entry():
    assert page_entries("<p>404</p>", "404.html") == []
    assert page_entries("<main role='main'><p>Lost.</p></main>", "x.html") == []


def test_both_languages_say_the_same_things():
    fields = {language: {key: text.count("{") for key, text in words.items()}
              for language, words in WORDS.items()}
    assert fields["vi"] == fields["en"]

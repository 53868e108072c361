"""Many pages made one: ids and links."""
import re

import pytest
from bs4 import BeautifulSoup

from tools.onepage import one_page

PAGE = """<html><body><nav class="contents"><a href="#document-a">A</a>
<a href="#document-b#id1">B1</a></nav><main><section id="top"><h1>Title</h1><p>Intro</p>
<span id="document-a"></span><section id="id1"><h2>A</h2><a href="#id1">own</a>
<a href="#document-b#id1">other</a></section>
<span id="document-b"></span><section id="id1"><h2>B</h2><button aria-controls="x y"></button>
<svg aria-labelledby="t"><title id="t"></title><path clip-path="url(#x)"></path></svg>
<p id="x"></p><p id="y"></p></section></section></main></body></html>"""


@pytest.mark.parametrize("name", ["b", "đồ thị/b c"])
def test_each_id_is_unique_and_each_link_goes_to_its_own_page(name):
    page = BeautifulSoup(one_page(PAGE.replace("document-b", f"document-{name}")), "html.parser")
    name = "p-" + name.replace(" ", "_").replace("/", "_")
    ids = [node["id"] for node in page.select("[id]")]
    assert len(ids) == len(set(ids))
    assert not [name for name in ids if not re.fullmatch(r"[^\W\d][\w.-]*", name)]  # as in XML
    targets = {a.get_text(): page.find(id=a["href"][1:]) for a in page.select("a")}
    assert targets["own"].get_text() == "A" and targets["other"].get_text() == "B"
    assert targets["B1"] is targets["other"]
    assert targets["own"].name == "h2"  # the title, not the end of the sheet before it
    assert targets["A"].parent is targets["own"]
    assert page.button["aria-controls"].split() == [f"{name}.x", f"{name}.y"]
    assert page.svg["aria-labelledby"] == page.svg.title["id"]
    assert page.path["clip-path"] == f"url(#{name}.x)"


def test_the_contents_stand_behind_the_first_pages_own_text():
    page = BeautifulSoup(one_page(PAGE), "html.parser")
    assert page.nav.find_previous_sibling("p").get_text() == "Intro"
    assert page.nav.find_next("h2").get_text() == "A"


def test_a_dead_link_stops_the_build():
    with pytest.raises(ValueError, match=r"nowhere.*#p-b\.gone"):
        one_page(PAGE.replace('#document-b#id1">other', '#document-b#gone">other'))

"""Outputs that no page can hold as they are, and outputs that arrive in pieces."""
import json
import re
import xml.etree.ElementTree as ET
import zipfile

import pytest
from bs4 import BeautifulSoup
from justhtml import JustHTML
from test_cache import record_of
from test_projects import cell

#: All that HTML or XML refuses, but for surrogates, which ipykernel can't send.
ODD = ("odd = ''.join(map(chr, [*range(9), 11, 12, *range(14, 32), *range(127, 160), 0xFDD0, "
       "0xFFFE, 0xFFFF, 0x1FFFF]))\n")
#: A kernel whose JSON is ASCII, as many are: then a lone surrogate arrives.
ASCII = ("import json, sys\n"
         "def pack(message): return json.dumps(message, default=str).encode()\n"
         "get_ipython().kernel.session.pack = sys.stdout.session.pack = pack\n"
         "odd += chr(0xDFFF) + chr(0xD800)\n")
CODE = ODD + ASCII + """
print('stream<', odd, '>')
display({'text/plain': f'plain< {odd} >'}, raw=True)
display({'text/plain': '', 'text/html': f'<p>html&lt; {odd} </p>'}, raw=True)
display({'text/plain': '', 'text/markdown': f'*markdown* {odd} .'}, raw=True)
print('\\x1b[31mred\\x1b[0m \\x1b]0;title\\x07')
"""
RAISES = ODD + ASCII + "raise ValueError('raised< ' + odd)"
REFUSED = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0\ufffe\uffff\U0001ffff]")
EPUB = [f"-Depub_{name}=x" for name in ("author", "publisher", "copyright", "identifier", "title",
                                        "uid", "description")]


def test_html_and_epub_stay_whole_whatever_is_printed(project):
    project.write(cell("a", CODE) + cell("a", RAISES, ":tags: [raises-exception]"))
    done = project.build()
    assert done.returncode == 0, done.stdout + done.stderr
    assert not REFUSED.search(project.html())
    text = "".join(output.get_text() for output in BeautifulSoup(
        project.html(), "html.parser").select(".cell_output"))
    for start in ("stream< ", "plain< ", "html< ", "markdown ", "raised< "):
        assert f"{start}␀␁␂␃" in text, start
    assert "title" not in text and "[31m" not in text and "\ufffd\ufffd >" in text
    json.loads(record_of(project, "a").read_text("utf-8"))
    done = project.build("-Dversion=1", *EPUB, builder="epub", out="out-book",
                         doctrees="out-trees")
    assert done.returncode == 0 and "cell 1 of" not in done.stdout, done.stderr
    [book] = (project.folder / "out-book").glob("*.epub")
    with zipfile.ZipFile(book) as pages:
        names = [name for name in pages.namelist() if name.endswith((".xhtml", ".opf", ".ncx"))]
        read = {name: "".join(ET.fromstring(pages.read(name)).itertext()) for name in names}
    assert "stream< ␀" in read["index.xhtml"] and "raised< ␀" in read["index.xhtml"]


def test_an_error_that_stops_the_build_is_told_without_control_characters(project):
    project.write(cell("a", ODD + "raise ValueError('raised< ' + odd)"))
    done = project.build()
    assert done.returncode == 2 and "index.md:6: [tab a] the cell raised" in done.stderr
    assert "raised< ␀␁" in done.stderr and not REFUSED.search(done.stderr)


def test_text_that_arrives_in_pieces_is_one_output(project):
    project.write(cell("a", "import sys, time\nprint('one'); sys.stdout.flush(); time.sleep(.5)\n"
                       "print('two')\ndisplay({'text/plain': 'between'}, raw=True)\nprint('three')")
                  + cell("a", "shown = display({'text/plain': 'old'}, raw=True, display_id='d')\n"
                         "for i in range(3): print(i, flush=True); time.sleep(.3)\n"
                         "display({'text/plain': 'other'}, raw=True, display_id='e'); None")
                  + cell("a", "from IPython.display import update_display\n"
                         "update_display({'text/plain': 'new'}, raw=True, display_id='e')"))
    assert project.build().returncode == 0
    first, second, _ = (
        [output.get("text") or output["data"]["text/plain"] for output in cell["outputs"]]
        for cell in json.loads(record_of(project, "a").read_text("utf-8"))["cells"])
    assert ["".join(text) for text in first] == ["one\ntwo\n", "between", "three\n"]
    assert ["".join(text) for text in second] == ["old", "0\n1\n2\n", "new"]


#: Each closes, opens or breaks something, and then says a word.
SOUPS = ["<table border=1><tr><td>w1<br>&nbsp;", "</div></div></section></article>w2", "<div><p>w3",
         "<style>b{color:red}</style><script>if (1 < 2) ran = 1</script><b>w4", "<svg><g>w5<p>w5a",
         "<tr><td>w6", "<!-- --- --><![CDATA[<]]><o:p a:b=1 @c>w7"]
BREAKS = f"""
for html in {SOUPS!r}:
    display({{'text/html': html, 'text/plain': ''}}, raw=True)
display({{'image/svg+xml': '<svg width=9><text>w8', 'text/plain': ''}}, raw=True)
display({{'text/markdown': '<div>\\n\\n*w9* <b>w10<br>\\n\\n</section>'}}, raw=True)
display({{'application/javascript': 'w11 = 1 < 2', 'text/plain': ''}}, raw=True)
print('10%\\r100%')
"""
WORDS = [*(f"w{number}" for number in (1, 2, 3, 4, 5, "5a", 6, 7, 9, 10)), "100%"]


def test_no_output_breaks_its_page_or_chapter(project):
    project.write(cell("a", BREAKS) + "after all\n")
    conf = project.folder / "conf.py"
    conf.write_text(conf.read_text() + "tabcells_left_out = 'Left out & missed.'\n")
    done = project.build()
    assert done.returncode == 0, done.stdout + done.stderr
    page = JustHTML(project.html(), sanitize=False)
    [after] = [node for node in page.query("p") if node.to_text() == "after all"]
    assert after.parent.name == "section" and after.parent.attrs["id"] == "title"
    outputs = page.query("[role=tabpanel] .cell_output")
    assert len(outputs) == 1
    text = outputs[0].to_text()
    assert [word for word in WORDS if word not in text] == [] and "10%" not in text
    assert "<script>if (1 < 2) ran = 1</script>" in project.html()
    assert "Left out" not in project.html()
    [image] = (project.folder / "out" / "_images").glob("*.svg")
    assert "".join(ET.parse(image).getroot().itertext()) == "w8"
    kept = json.loads(record_of(project, "a").read_text("utf-8"))["cells"][0]["outputs"]
    assert "".join(kept[0]["data"]["text/html"]) == SOUPS[0]

    done = project.build("-Dversion=1", *EPUB, builder="epub", out="out-book",
                         doctrees="out-trees")
    assert done.returncode == 0, done.stdout + done.stderr
    [book] = (project.folder / "out-book").glob("*.epub")
    with zipfile.ZipFile(book) as pages:
        roots = {name: ET.fromstring(pages.read(name)) for name in pages.namelist()
                 if name.endswith((".xhtml", ".opf", ".ncx", ".svg"))}
    text = "".join(roots["index.xhtml"].itertext())
    assert [word for word in [*WORDS, "after all"] if word not in text] == []
    assert text.count("Left out & missed.") == 2  # the fourth output's, and of JavaScript
    tags = {node.tag.rpartition("}")[2] for node in roots["index.xhtml"].iter()}
    assert "svg" in tags and not tags & {"script", "style"}


@pytest.mark.parametrize("code, text, left_out", [
    ("from IPython.display import HTML\nHTML('a<br>b')", "a b", 0),
    ("import pandas\npandas.DataFrame({'c': ['d & e']}).style", "c 0 d & e", 1)],
    ids=["a break", "a styled table"])
def test_what_people_display_is_whole_on_a_page_and_in_a_chapter(project, code, text, left_out):
    if "pandas" in code:
        pytest.importorskip("pandas")
    project.write(cell("a", code))
    for builder, file in (("html", "index.html"), ("epub", "index.xhtml")):
        done = project.build("-Dversion=1", "-Dtabcells_left_out=LEFT", *EPUB, builder=builder,
                             out=f"out-{builder}", doctrees="out-trees")
        assert done.returncode == 0, done.stdout + done.stderr
        chapter = (project.folder / f"out-{builder}" / file).read_text("utf-8")
        words = BeautifulSoup(chapter, "html.parser").select_one(".cell_output").get_text(" ")
        assert " ".join(words.replace("LEFT", "").split()) == text
        assert chapter.count("LEFT") == (left_out if builder == "epub" else 0)
    ET.fromstring(chapter)

"""Outputs that no page can hold as they are, and outputs that arrive in pieces."""
import json
import re
import xml.etree.ElementTree as ET
import zipfile

from bs4 import BeautifulSoup
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
    assert "␛]0;title␇" in text and "[31m" not in text and "\ufffd\ufffd >" in text
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

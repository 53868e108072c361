"""What kernels print becomes what records, HTML and XML can hold; nothing else changes."""
import json
import xml.etree.ElementTree as ET
from xml.sax.saxutils import escape

import nbformat
import pytest
from hypothesis import given, seed, settings, strategies as st
from myst_nb.core.lexers import AnsiColorLexer
from nbformat.v4 import new_output

from tabcells.run.outputs import clean, printable, tidy

#: Every character there can be, and more often those that matter.
TEXT = st.text(st.one_of(st.characters(exclude_categories=()),
                         st.sampled_from("\0\x08\x1b\x7f\x85\ud800\udfff\ufffe\U0010ffff[0;m\r\n")))
KINDS = "text/plain", "text/html", "text/markdown", "image/svg+xml"


@pytest.mark.parametrize("text, seen", [
    ("a\0b\x08\x7f", "a␀b␈␡"), ("\x85\x9f\ud800\udfff\ufffe\uffff\U0001fffe\ufdd0", "�" * 8),
    ("\t\n\r ệ \u202e 😀 \ufffd \u2028", "\t\n\r ệ \u202e 😀 \ufffd \u2028"),
    ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m")])
def test_what_no_page_can_hold_becomes_visible_and_the_rest_stays(text, seen):
    assert printable(text) == seen


def test_colours_stay_where_they_are_shown_as_such():
    known = "\x1b[31mred\x1b[0m \x1b[1;38;5;9mbold\x1b[m \x1b[2K"
    assert printable(known, colours=True) == known
    assert printable("\x1b \x1b[ \x1b]0;t\x07 \x1b[?25l \x1b[31", colours=True) \
        == "␛ ␛[ ␛]0;t␇ ␛[?25l ␛[31"


@pytest.mark.parametrize("text, seen", [
    ("10%\r 20%\r100%\ndone\n", "100%\ndone\n"), ("abc\rX", "Xbc"), ("long\rs\x1b[K\n", "s\n"),
    ("a\b\bb", "b"), ("ab\b\x1b[Pc", "ac"), ("a\tb\rc", "c       b"),
    ("one\ntwo\x1b[1A\r\x1b[2Kzero\nthree\n", "zero\nthree\n"),
    ("1\n2\n\x1b[2A1!\n\n3\n", "1!\n2\n3\n"), ("a\nb\x1b[H\x1b[2Jc", "c"),
    ("x\x1b[?25l\x1b]0;title\x07y\a\x1b[?25h\x1b(B", "xy"),
    ("\x1b]8;;http://a\x1b\\link\x1b]8;;\x1b\\", "link"),
    ("\x1b]0;no end\n\x1b[31", "␛]0;no end\n␛[31"), ("a\r\nb\r\n", "a\r\nb\r\n"),
    ("\0\x85\ud800z\rb", "b��z"),
    ("e\u0323\u0302 👨\u200d👩 ⚠\ufe0f x\rY", "Y 👨\u200d👩 ⚠\ufe0f x"),
    ("\x1b[31mred\x1b[0m\r\x1b[1;38;5;9mg", "\x1b[1;38;5;9mg\x1b[0m\x1b[31med\x1b[0m"),
    ("\x1b[31;1ma\x1b[32mb\x1b[22mc\x1b[39md\r", "\x1b[31;1ma\x1b[0m\x1b[32;1mb\x1b[0m\x1b[32mc"
     "\x1b[0md"), ("x" * 300 + "\ry", "y" + "x" * 299),
    ("\x1b[s10%\x1b[u100%", "100%"), ("one\x1bEtwo\x1bMa", "onea\ntwo"), ("old\x1bcnew", "new"),
    ("1\n\n\n\n\x1b[9;9Hz", "1" + "\n" * 8 + " " * 8 + "z"),
    ("\x1b[2;2Hb\x1b[Ha\x1b[99;1Hc", "a\n b" + "\n" * 22 + "c"),
    ("".join(f"{i}\n" for i in range(50)) + "\rz", "".join(f"{i}\n" for i in range(50)) + "z")])
def test_text_stands_as_a_terminal_leaves_it(text, seen):
    assert clean(text, colours=True) == seen


def test_other_text_of_an_output_is_no_terminals():
    stream, html = tidy([new_output("stream", text="a\rb"),
                         new_output("display_data", {"text/html": "a\rb", "text/plain": "a\rb"})])
    assert stream.text == html.data["text/plain"] == "b" and html.data["text/html"] == "a\rb"


def xml(text):
    text.encode()
    return ET.fromstring(f"<x>{escape(text)}</x>")


@seed(6)
@settings(deadline=None, max_examples=150)
@given(TEXT)
def test_the_result_is_utf8_and_xml_and_once_is_enough(text):
    assert printable(printable(text)) == printable(text)
    xml(printable(text))
    kept = printable(text, colours=True)
    assert printable(kept, colours=True) == kept
    settled = clean(text, colours=True)
    assert clean(settled, colours=True) == settled
    for seen in (kept, settled):
        shown = "".join(part for _, part in AnsiColorLexer().get_tokens(seen))
        assert "\x1b" not in shown
        xml(shown)


@seed(6)
@settings(deadline=None, max_examples=100)
@given(TEXT)
def test_every_kind_of_output_can_be_written_and_read_back(text):
    outputs = tidy([
        new_output("stream", name="stdout", text=text),
        new_output("display_data", metadata={text: text}, data={
            **dict.fromkeys(KINDS, text), "application/x+json": {text: [text, 1]}}),
        new_output("error", ename=text, evalue=text, traceback=[text, text])])
    nbformat.validate(nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(outputs=outputs, id="x")]))
    json.dumps(outputs, ensure_ascii=False).encode()
    assert outputs[1]["data"]["application/x+json"] == {printable(text): [printable(text), 1]}
    for text in (outputs[1]["data"]["text/html"], outputs[1]["data"]["text/markdown"],
                 outputs[1]["data"]["image/svg+xml"], outputs[2]["evalue"]):
        xml(text)


def test_colours_of_text_and_tracebacks_stay_and_of_what_glue_shows_do_not():
    red = "\x1b[31mred\x1b[0m"
    stream, plain, error, glued = tidy([
        new_output("stream", text=red),
        new_output("execute_result", {"text/plain": red, "text/html": red}),
        new_output("error", ename="E", evalue=red, traceback=[red]),
        new_output("display_data", {"text/plain": red}, metadata={"scrapbook": {"name": "x"}})])
    assert stream.text == plain.data["text/plain"] == error.traceback[0] == red
    for text in (plain.data["text/html"], error.evalue, glued.data["text/plain"]):
        assert text == "␛[31mred␛[0m"


def test_neighbours_of_one_stream_are_joined_and_nothing_moves():
    def printed(name, text):
        return new_output("stream", name=name, text=text)

    shown = new_output("display_data", {"text/plain": "D"})
    given = [printed("stdout", "1"), printed("stdout", "2\x1b["), printed("stdout", "1m3"),
             printed("stderr", "4"), printed("stdout", "5"), shown, shown, printed("stdout", "6"),
             printed("stdout", "7")]
    assert [output.get("text", "D") for output in tidy(given)] == [
        "12\x1b[1m3", "4", "5", "D", "D", "67"]
    assert given[0].text == "1"

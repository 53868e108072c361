"""What a cell prints is whole in itself: HTML that reads as before, and XML without scripts."""
import xml.etree.ElementTree as ET

import pytest
from hypothesis import example, given, seed, settings, strategies as st

from tabcells.render.wellformed import (
    has_scripts,
    wellformed,
    wellformed_around,
    wellformed_svg,
    whole,
)

SVG = ' xmlns="http://www.w3.org/2000/svg"'
XLINK = ' xmlns:xlink="http://www.w3.org/1999/xlink"'


def xml(html):
    return ET.fromstring(f"<div>{html}</div>")


@pytest.mark.parametrize("html, seen", [
    ("", ""),
    ("a<br>b<hr/>", "a<br />b<hr />"),
    ("a < b & c &amp; &nbsp;&eacute;", "a &lt; b &amp; c &amp; \xa0é"),
    ("<div class=a>x", '<div class="a">x</div>'),
    ("x</div></section></body></html>y", "xy"),
    ("<p>a<p>b", "<p>a</p><p>b</p>"),
    ("<b>a<i>b</b>c</i>", "<b>a<i>b</i></b><i>c</i>"),
    ("<div/>x", "<div>x</div>"),
    ("<tr><td>a<td>b", "<table><tbody><tr><td>a</td><td>b</td></tr></tbody></table>"),
    ("<!-- t --> <td>a", "<table> <tbody><tr><td>a</td></tr></tbody></table>"),
    ("<track>a", "<track />a"),
    ("a<!-- --b -->c<!DOCTYPE html><?php d ?>", "ac"),
    ("<![CDATA[a]]>b", "b"),
    ("<input disabled value='\"<\n'>", '<input disabled="" value="&quot;&lt;&#10;" />'),
    ("<pre>\n\nx</pre>", "<pre>\n\nx</pre>"),
    ("&#1;&#xFFFF;", "␁\ufffd"),
    ("<o:p @click=a é=b>x", "<ou00003ap u000040click=\"a\" u0000e9=\"b\">x</ou00003ap>"),
    ("<base href=//e><meta http-equiv=refresh>x", "x"),
    ("<plaintext>a</div>", "<pre>a&lt;/div&gt;</pre>"),
    ("<iframe src=a><b></iframe>", '<iframe src="a"></iframe>'),
    ("<template><p>a</template>", "<template><p>a</p></template>"),
    ("<svg viewbox='0 0'><lineargradient><path><g xlink:href=#a></svg>",
     f'<svg{SVG}{XLINK} viewBox="0 0"><linearGradient><path><g xlink:href="#a"/></path>'
     "</linearGradient></svg>"),
    ("<svg><style><![CDATA[a<b]]></style><p>x", f"<svg{SVG}><style>a&lt;b</style></svg><p>x</p>"),
    ("<svg><foreignObject><p>x", f'<svg{SVG}><foreignObject><p xmlns="http://www.w3.org/1999/'
     'xhtml">x</p></foreignObject></svg>'),
    ("<svg xmlns:i=u><i:v i:w=1 />", f'<svg{SVG}><iu00003av iu00003aw="1"/></svg>'),
    ("<math><mi>x", '<math xmlns="http://www.w3.org/1998/Math/MathML"><mi>x</mi></math>')])
def test_what_is_read_is_written_whole(html, seen):
    assert wellformed(html) == seen
    xml(seen)


@pytest.mark.parametrize("html, in_html, in_xml", [
    ("<script>a<b&&'</p>'</script>x", "<script>a<b&&'</p>'</script>x", "x"),
    ("<style>a>b{}</style><b>x", "<style>a>b{}</style><b>x</b>", "<b>x</b>"),
    ("<script>a", "<script>a</script>", ""),
    ("<script><!--<script>", "<script><\\!--<script></script>", ""),
    ("<link href=a><noscript><br></noscript>",
     '<link href="a" /><noscript><br /></noscript>', "<br />"),
    ("<svg><script>a&lt;b</script></svg>", f"<svg{SVG}><script>a&lt;b</script></svg>",
     f"<svg{SVG}/>")])
def test_scripts_go_on_in_html_and_are_left_out_of_xml(html, in_html, in_xml):
    assert wellformed(html) == wellformed(in_html) == in_html
    assert wellformed(html, scripts=False) == in_xml
    assert has_scripts(html) and not has_scripts(in_xml)


def test_a_style_of_svg_and_the_word_script_are_no_scripts():
    assert not has_scripts("<svg><style>a{}</style></svg> &lt;script> <b title='<style>'>")


#: Pieces that end up anywhere; each word of them must stay.
PIECES = st.sampled_from([
    *(f"<{name}>" for name in (
        "p", "b", "a", "a href='?x&y'", "table", "tr", "td", "div", "li", "svg", "g", "math",
        "mi", "foreignObject", "desc", "br", "div/", "g/", "o:p", "select", "option", "button",
        "pre", "form", "h1", "nobr", "x a:b='<' \"=\n", "p", "i class='a'", "template",
        "annotation-xml encoding='text/html'", "html", "body")),
    *(f"</{name}>" for name in ("p", "b", "a", "table", "div", "svg", "g", "math", "br", "pre",
                                "select", "form", "template", "body", "html")),
    "<!-- <p> -->", "<!-->", "<![CDATA[>]]>", "&lt;", "&amp;lt;", "&#0;", "&#13;", "&x;", "\n",
    "<script>a<b && '</div>'</script>", "<style>a>b{}</style>", "\f", "\0", "< ", "&", "<?a?>",
    "<script>'<!--<script>-->'</script>"])
SOUPS = st.lists(st.one_of(PIECES, st.from_regex("w[0-9]{3} ", fullmatch=True)), max_size=14)


@seed(7)
@settings(deadline=None, max_examples=150)
@given(SOUPS)
@example(["<a>", "<table>", "<a>", "w001 "])
@example(["<a>", "<b>", "<a>", "<b>", "<div>", "<a>", "w001 "])
def test_any_soup_becomes_xml_keeps_its_words_and_once_is_enough(pieces):
    html = wellformed("".join(pieces))
    assert wellformed(html) == html
    read = xml(wellformed(html, scripts=False))
    words = [piece for piece in pieces if piece[0] == "w"]
    text = "".join(read.itertext())
    assert all(text.count(word.strip()) == words.count(word) for word in words)


def test_depth_is_no_trouble():
    assert wellformed("<div>" * 2000) == "<div>" * 2000 + "</div>" * 2000


@pytest.mark.parametrize("svg, seen", [
    (f"<?xml version='1.0'?><!DOCTYPE svg><s:svg{SVG.replace('xmlns', 'xmlns:s')}/>", ...),
    (f"<svg{SVG}><i:a xmlns:i='u'/></svg>", ...),
    ("<svg><g><path d=a>", f'<svg{SVG}><g><path d="a"/></g></svg>'),
    ("<?xml version='1.0'?><svg>&nbsp;<script>x</script>", f"<svg{SVG}>\xa0</svg>"),
    ("<div>no", None), ("", None)])
def test_an_svg_file_is_xml(svg, seen):
    assert wellformed_svg(svg) == (svg if seen is ... else seen)


def test_an_output_keeps_its_other_forms():
    output = {"output_type": "display_data", "metadata": {"a": 1}, "data": {
        "text/html": ["<p>", "a"], "image/svg+xml": "none", "text/plain": "<p>"}}
    assert whole(output) == {**output, "data": {"text/html": "<p>a</p>", "text/plain": "<p>"}}
    assert whole({"data": {"image/svg+xml": "none"}})["data"] == {"text/plain": "none"}
    stream = {"output_type": "stream", "text": "<p>"}
    assert whole(stream) is stream


@pytest.mark.parametrize("pieces, inline, seen", [
    (["<b>", "</b>"], True, ["<b>", "</b>"]), (["<div>", "</div>"], False, ["<div>", "</div>"]),
    (["<details><summary>a</summary>", "</details></div>"], False,
     ["<details><summary>a</summary>", "</details>"]),
    (["<b>a", "<br>"], True, ["<b>a", "<br /></b>"]), (["</div>"], False, [""]), ([], True, []),
    (["<script>", "a</script>"], True, ["<script></script>", "a"])])
def test_pieces_around_something_else_are_whole_together(pieces, inline, seen):
    assert wellformed_around(pieces, inline) == (seen or [])

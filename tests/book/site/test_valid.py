"""What readers open is valid HTML and EPUB, and outputs that are neither break nothing.

One run of each checker for all files: most of its time goes before the first of them.
"""
import checkers
import pytest
from conftest import LANGUAGES, Project
from printed import edition, one_worker

pytestmark = one_worker

#: What may stand in a page, and whose it is.
THEIRS = {
    "Trailing slash on void elements": "docutils and Sphinx write HTML so that it is XML too",
    "Element “p” not allowed as child of element “summary”": "myst-nb's button for hidden code",
    "Consider using the “h1” element": "docutils' sections within the <article> of Furo",
    "Article lacks heading": "as before: the heading stands in the section within",
}
#: In the page of odd outputs, too.
ODD = {
    "Element “style” not allowed as child of element “div”": "the output's own",
    "Text not allowed in element “g”": "the output's own",
    "[Ee]lement .ou00003ap. not allowed": "the output's own `<o:p>`, as XML can name it",
    "“type” attribute is unnecessary for JavaScript": "myst-nb's element for its outputs",
    "OPF-014 The property \"svg\" should be declared": "Sphinx's EPUB builder; ours declares it",
}


CELL = """```{code-cell} python
:tab: a
:tags: [raises-exception]

for html in ("</div></section></article>w", "<table><tr><td>w<br>&nbsp;", "<tr><td>w", "<p><b>w",
             "<style>b{color:red}</style><script>if (1 < 2) ran = 1</script><b>w", "<svg><g>w<p>w",
             "<!-- --- --><![CDATA[<]]><o:p a:b=1 @c>w"):
    display({'text/html': html, 'text/plain': ''}, raw=True)
display({'image/svg+xml': '<svg width=9><text>w', 'text/plain': ''}, raw=True)
display({'text/markdown': '<div>\\n\\n*w* <b>w<br>\\n\\n</section>'}, raw=True)
display({'application/javascript': 'w = 1 < 2', 'text/plain': ''}, raw=True)
odd = ''.join(map(chr, [*range(9), 27, 127, 0xFFFE, 0x1FFFF]))
print(odd)
raise ValueError(odd)
```
"""


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """A page of odd outputs, and the e-book of it."""
    folder = tmp_path_factory.mktemp("odd") / "project"
    folder.mkdir()
    project = Project(folder)
    conf = folder / "conf.py"
    conf.write_text(conf.read_text() + (
        "html_theme = 'furo'\ntabcells_left_out = 'Left & out.'\n"
        "version = copyright = epub_identifier = epub_uid = epub_author = epub_publisher = 'x'\n"))
    project.write(CELL)
    for builder in ("html", "epub"):
        done = project.build(builder=builder, out=f"out-{builder}", doctrees="out-trees")
        assert done.returncode == 0, done.stdout + done.stderr
    [book] = (folder / "out-epub").glob("*.epub")
    return folder / "out-html" / "index.html", book


def test_every_page_is_valid_html(site, odd):
    page, _ = odd
    messages = checkers.of_html(page, *sorted(site.rglob("*.html")))
    at_odds = [message for message in messages if message.startswith(f"{page}:")]
    rest = [message for message in messages if message not in at_odds]
    assert checkers.beyond(rest, THEIRS) == [] and checkers.beyond(at_odds, THEIRS | ODD) == []
    assert [pattern for pattern in THEIRS if checkers.beyond(rest, [pattern]) == rest] == []


def test_every_edition_is_a_valid_epub(odd):
    _, book = odd
    messages = checkers.of_epubs(book, *(edition("epub", language) for language in LANGUAGES))
    assert [message for message in messages if not message.startswith(f"{book}:")] == []
    assert checkers.beyond(messages, ODD) == []

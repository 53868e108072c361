"""What readers open or print is valid HTML and EPUB, and outputs that are neither break nothing.

One run of each checker for all files: most of its time goes before the first of them.
"""
import checkers
import pytest
from conftest import CHROMIUM, LANGUAGES, ROOT, Project
from printed import edition, one_worker

pytestmark = one_worker

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
    printed = []
    if CHROMIUM:  # which prints it: the page is made before
        edition("pdf", LANGUAGES[0])
        printed = sorted((ROOT / "_build" / "paper").rglob("*.html"))
        assert len(printed) == len(LANGUAGES)
    messages = checkers.of_html(page, *printed, *sorted(site.rglob("*.html")))
    at_odds = [message for message in messages if message.startswith(f"{page}:")]
    rest = [message for message in messages if message not in at_odds]
    assert checkers.beyond(rest, checkers.THEIRS) == [] and checkers.beyond(
        at_odds, checkers.THEIRS | checkers.ODD) == []
    assert [pattern for pattern in checkers.THEIRS
            if checkers.beyond(rest, [pattern]) == rest] == []


def test_every_edition_is_a_valid_epub(odd):
    _, book = odd
    messages = checkers.of_epubs(book, *(edition("epub", language) for language in LANGUAGES))
    assert [message for message in messages if not message.startswith(f"{book}:")] == []
    assert checkers.beyond(messages, checkers.ODD) == []

"""The words of a page of D2L before and after it is read: what counts, and what would be seen."""
import pytest

from tabcells import d2l
from tools.d2l_words import compare, words_after, words_before

PAGE = """```eval_rst
.. only:: html

   A title
   =======
```

It costs \\$1 more than \\$2, $3\\$$ or $4\\$$, [**as**] “<” and “<re” say (~~not this~~),
a <b>c</b>.
[**Set**](集合) [**one**](**two**) [**bold**](https://e.org/y)
Open打<http://e.org:8> or [no link](https://e.org/x）（by :cite:`K`).
<!-- nor this -->

:A table of $x$ and :cite:`K`
:label:`tab`

| a *na*me |
|---|
| $$y$$ |

:begin_tab:`a, b`
Of both.
:end_tab:

:begin_tab:`b`
Elsewhere.
:end_tab:

```{.python .input}
code
```
"""


def after(text, tab="a"):
    return words_after(d2l.read(text, "p.md", [tab], d2l.Dialect(tab, frozenset("ab") - {tab})))


@pytest.mark.parametrize("tab", ["a", "b"])
def test_a_page_of_each_construct_has_the_same_words(tab):
    before = words_before(PAGE, tab)
    assert before == after(PAGE, tab)
    assert before["title"] == before["both"] == before["name"] == before["re"] == 1
    assert "not" not in before and "code" not in before and "K" not in before
    assert before["Elsewhere"] == (tab == "b")


def test_a_word_that_is_lost_doubled_or_broken_is_seen():
    for other in (PAGE.replace("Of both", "Of"), PAGE.replace("Of both", "Of both both"),
                  PAGE.replace("*na*me", "*na* me")):
        assert words_before(PAGE, "a") != after(other)


def test_pages_are_compared_and_one_that_can_not_be_read_is_named(tmp_path):
    (tmp_path / "config.ini").write_text("[build]\ntabs = a, b\nnotebooks = *.md\n")
    (tmp_path / "one.md").write_text(PAGE)
    (tmp_path / "two.md").write_text("word\n\n```bash\nnever closed\n")
    assert list(compare(tmp_path, "a")) == [
        ("one.md", words_before(PAGE, "a").total(), ""),
        ("two.md", 4, "two.md:3: this fence is never closed")]

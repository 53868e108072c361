"""`make d2l` on checkouts of our own: two languages in one site, offline, with what readers take
along, and nothing written into the checkouts."""
import json
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from tools import d2l_site

INI = """[project]
title = {title}
author = Ann Ey
release = 1.2.3
{language}
[build]
tabs = pytorch, mxnet, jax
notebooks = *.md */*.md
exclusions = README.md
"""
INDEX = "# {title}\n\n```toc\n:numbered:\n\none/index\n```\n"
CHAPTER = "# One\n:label:`chap`\n\n```toc\ntwo\n{more}```\n\n:bibliography:`../d2l.bib`\n"
PAGE = r"""# Two
:label:`sec_two`

See :numref:`sec_two`, :eqref:`eq_f` and :cite:`K`.

$$\mathop{\mathrm{argmin}}_{\mathbf{w}} \stackrel{\textrm{def}}{=} {n \choose k}$$
:eqlabel:`eq_f`

![A *net*.](../img/net.svg)
:label:`fig_net`

```{.python .input}
%%tab pytorch
from d2l import torch as d2l
if tab.selected('pytorch'):
    d2l.plot(1)
```

```{.python .input}
%%tab mxnet
from d2l import mxnet as d2l
```

```{.python .input}
%%tab jax
left_out
```

```eval_rst
.. currentmodule:: d2l.torch

.. autoclass:: Net
   :members:

.. autofunction:: only_mxnet
```
"""
PACKAGE = {"torch": """
import no_such_framework
class Net(no_such_framework.Module):
    \"""Defined in :numref:`sec_two`\"""
    def fit(self, steps=3):
        stub
    def fit(self, steps=4):
        \"""Trains.\"""
    def _hidden(self):
        pass
""", "mxnet": "def only_mxnet(x):\n    pass\n"}


def checkout(folder, title, language="", more=""):
    """A book of three pages in D2L's dialect, and of one more where ``more`` names it."""
    for name in ("img", "one", "d2l"):
        (folder / name).mkdir(parents=True)
    (folder / "config.ini").write_text(INI.format(
        title=title, language=f"lang = {language}\n" if language else ""))
    (folder / "d2l.bib").write_text(
        "@article{K, author={Ey, Ann and Bee, Bo and others}, title={T}, year={2001}}\n")
    (folder / "img" / "net.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    for name, source in PACKAGE.items():
        (folder / "d2l" / f"{name}.py").write_text(source)
    (folder / "README.md").write_text("no page")
    (folder / "index.md").write_text(INDEX.format(title=title))
    (folder / "one" / "index.md").write_text(CHAPTER.format(more=f"{more}\n" if more else ""))
    (folder / "one" / "two.md").write_text(PAGE)
    if more:
        (folder / "one" / f"{more}.md").write_text("# More\n")
    return folder


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site of an English and a Vietnamese checkout; ``checkouts`` are their folders."""
    folder = tmp_path_factory.mktemp("d2l")
    checkouts = d2l_site.by_language([checkout(folder / "d2l-en", "Book", more="more"),
                                      checkout(folder / "d2l-vi", "Sách", "vi")])
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BOOK_EXECUTION", "off")
        patch.delenv("D2L_PAGES", raising=False)
        patch.delenv("D2L_RUN", raising=False)
        out = tmp_path_factory.mktemp("site") / "d2l"
        assert [d2l_site.build(language, checkouts, out) for language in checkouts] == [0, 0]
    assert before == {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    (out / "index.html").write_text(d2l_site.landing(checkouts), "utf-8")
    return out


def page(path):
    return BeautifulSoup(path.read_text("utf-8"), "html.parser")


def test_pages_of_one_name_lead_to_each_other_and_the_first_page_to_both_languages(site):
    for own, twin in (("en", "vi"), ("vi", "en")):
        for name in ("index", "one/index", "one/two", "search"):
            path = site / own / f"{name}.html"
            links = page(path).select("a.language-link")
            assert {(path.parent / link["href"]).resolve() for link in links} == {
                site / twin / f"{name}.html"}
            assert (site / twin / f"{name}.html").exists()
            assert {link.text for link in links} == {"English" if twin == "en" else "Tiếng Việt"}
    assert not page(site / "en" / "one" / "more.html").select("a.language-link")
    assert [link["href"] for link in page(site / "index.html").select("a")] == [
        "en/index.html", "vi/index.html"]


@pytest.mark.parametrize("language", ["en", "vi"])
def test_nothing_is_fetched_from_elsewhere_and_formulas_are_there(site, language):
    for path in (site / language).rglob("*.html"):
        for node in page(path).select("script[src], link[rel=stylesheet], img[src]"):
            assert "://" not in node.get("src", node.get("href")), (path, node)
    two = page(site / language / "one" / "two.html")
    formula = two.select_one("div.math math")
    assert formula["alttext"].startswith(r"\mathop{") and "argmin" in formula.text
    assert not formula.select("merror") and two.select_one(".eqno").text.startswith("(1.1.1)")


@pytest.mark.parametrize("language, words, names", [
    ("en", "Not executed here, and no outputs are on record.", "Ey et al."),
    ("vi", "Mã này không được chạy ở đây", "và cộng sự")])
def test_what_is_not_run_says_so_in_the_language_of_the_book(site, language, words, names):
    two = page(site / language / "one" / "two.html")
    panels = {panel["data-tab"]: panel for panel in two.select("[role=tabpanel]")}
    assert set(panels) == {"pytorch", "mxnet"}
    assert words in two.text and "left_out" not in two.text and "tab.selected" not in two.text
    assert "Ann Ey, CC BY-SA 4.0" in two.select_one("footer").text
    assert names in two.text


@pytest.mark.parametrize("language", ["en", "vi"])
def test_the_code_of_each_tab_can_be_taken_along(site, language):
    two = site / language / "one" / "two.html"
    links = page(two).select("nav.take-along a")
    assert [link["href"] for link in links] == [
        f"../notebooks/one-two.{tab}.{form}" for tab in ("pytorch", "mxnet")
        for form in ("ipynb", "py")]
    assert all((two.parent / link["href"]).exists() for link in links)
    notebook = json.loads((site / language / "notebooks" / "one-two.pytorch.ipynb").read_text())
    code = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert "'d2l==1.2.3'" in code[0]
    assert code[-1] == "from d2l import torch as d2l\nd2l.plot(1)"
    prose = "".join("".join(cell["source"]) for cell in notebook["cells"]
                    if cell["cell_type"] == "markdown")
    assert r"{n \choose k}$$" in prose and "data:image/svg+xml;base64," in prose
    assert "Ann Ey, CC BY-SA 4.0" in prose


def test_what_the_package_has_is_listed_and_not_imported(site):
    two = page(site / "en" / "one" / "two.html")
    net = two.select_one("dl.py.class")
    assert [name.text for name in net.select(".sig-name")] == ["Net", "fit"]
    text = net.text.replace("\xa0", " ")
    assert "steps=4" in text and "Section 1.1" in text
    assert two.select_one("dl.py.function .sig-name").text == "only_mxnet"


def test_one_language_alone_has_no_switch_and_a_page_that_is_left_out_goes(tmp_path, monkeypatch):
    monkeypatch.setenv("BOOK_EXECUTION", "off")
    checkouts = d2l_site.by_language([checkout(tmp_path / "d2l-tr", "Kitap", "tr")])
    assert d2l_site.build("tr", checkouts, tmp_path / "site") == 0
    for path in (tmp_path / "site" / "tr").rglob("*.html"):
        assert not page(path).select("a.language-link, link[hreflang]"), path
    assert 'url=tr/index.html"' in d2l_site.landing(checkouts)
    monkeypatch.setenv("D2L_PAGES", "one/index.md")
    assert d2l_site.build("tr", checkouts, tmp_path / "site") == 0
    assert sorted(path.name for path in (tmp_path / "site" / "tr").rglob("*.html")) == [
        "index.html", "index.html", "search.html"]
    assert not list((tmp_path / "site" / "tr" / "notebooks").glob("*"))


def test_what_is_no_checkout_and_two_of_one_language_are_refused(tmp_path, capsys):
    one, two = (str(checkout(tmp_path / name, name)) for name in ("one", "two"))
    for sources, words in (([], "SOURCE=path"), ([str(tmp_path)], "there is no config.ini in"),
                           ([one, two], "are both in 'en'")):
        assert d2l_site.main(sources) == 2
        assert words in capsys.readouterr().err
    assert list(d2l_site.by_language([Path(one)])) == ["en"]

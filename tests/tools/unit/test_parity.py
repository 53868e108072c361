"""Both languages of every page: what must be equal, what may differ, and what is said of it."""
import functools
import re
from unicodedata import normalize

import pytest
from conftest import ROOT
from hypothesis import given, settings, strategies as st

from tools import glossary, parity, translations
from tools.pages import read_page

PAGES = parity.find_pages()
REAL = "chapter_computational-performance/auto-parallelism"

# A page with all that a page can have; `«Vietnamese|English»` is prose.
HEAD = "---\nfile_format: mystnb\ntitle: «Trang|Page»\n---\n"
CHUNKS = [
    "(sec_all)=\n# «Mọi thứ|Everything»\n",
    "«Đồ thị {cite:p}`a.1,b.2`, xem {numref}`fig_x` và {ref}`phần <sec_all>`|"
    "See {ref}`section <sec_all>`, {numref}`fig_x`, and the graph {cite:p}`b.2,a.1`».\n",
    "```{code-cell} python\n:tab: mxnet\n:timeout: 30\n\nx = 1\nprint(x)\n```\n",
    "```{code-cell} python\n:tab: pytorch\n:tags: [hide-input]\n\nx = 2\nprint(x)\n```\n",
    '+++ {"tab": "mxnet"}\n\n«Chỉ MXNet|MXNet alone»: [a](https://a.example/1).\n',
    '+++ {"tab": "pytorch"}\n\n«Chỉ PyTorch|PyTorch alone»: ![«hình|image»](img/y.png).\n',
    "+++\n",
    "{.fold #id-1}\n## «Mục|Section»\n",
    "$$a = b \\text{«nếu|if»}$$ (eq_1)\n",
    "«Công thức $x^2$ và $y$|The formulas $y$ and $x^2$»[^note].\n",
    "```{figure} img/x.svg\n:name: fig_x\n:width: 50%\n:alt: «Một hình|A figure»\n\n"
    "«Chú thích|Caption» {eq}`eq_1`.\n```\n",
    ":::::{admonition} «Nhan đề|Title»\n:class: tip\n\n«Lời|Words».\n\n"
    "````{note}\n* «một|one»\n* «hai|two»\n\n```bash\nmake html\nmake test\n```\n````\n:::::\n",
    "```{toctree}\n:maxdepth: 2\n\n«Một|One» <one>\ntwo\n```\n",
    "1. «một|one»\n1. «hai|two»\n   - «ba|three»\n",
    "| «a|b» | c |\n|---|---|\n| «d|e» | {doc}`two` |\n",
    "> «Trích dẫn|Quotation»\n",
    "[^note]: «Chú|Note» <https://n.example>.\n",
    '<p><a href="../«en|vi»/index.html" hreflang="«en|vi»">«Anh|Vietnamese»</a></p>\n',
    "````md\n```{code-cell} python\nshown, not run\n```\n````\n",
    "    indented code\n",
    "### «Cuối|End»\n",
]


def say(text, language):
    """One language of a text with «Vietnamese|English»."""
    return re.sub("«([^|»]*)[|]([^»]*)»", lambda m: m[1 if language == "vi" else 2], text)


def made(chunks):
    return HEAD + "\n".join(chunks)


#: Most tests change one of the twins, and each is long.
read = functools.lru_cache(read_page)


def twins(vi, en, name="page"):
    return read(vi, f"{name}.md", "vi"), read(en, f"{name}.en.md", "en")


def compare_made(vi, en):
    return parity.compare(*twins(say(made(vi), "vi"), say(made(en), "en")))


def real(name=REAL):
    return [file.read_text("utf-8") for file in PAGES[name]]


def line_of(words, text):
    return text.count("\n", 0, text.index(words)) + 1


def swap(text, one, other):
    return text.replace(one, "\0").replace(other, one).replace("\0", other)


# On the real page: what is done to the English, what is said about it, and the text (of either
# language) whose line is named.
CELL = re.compile(r"```\{code-cell\} python\n:tab: pytorch\n.*?```\n", re.S)
REAL_MUTATIONS = {
    "a cell dropped": (
        lambda t: CELL.sub("", t, count=1),
        r"^\S+para\w+.md:\d+: \[tab pytorch\] code cell `import os` has no counterpart in "
        r"\S+.en.md, near line \d+", "```{code-cell} python\n:tab: pytorch\n\nimport os"),
    "tabs of two cells swapped": (
        lambda t: swap(t[:7000], ":tab: mxnet", ":tab: pytorch") + t[7000:],
        r"\[tab mxnet\] code", "```{code-cell} python\n:tab: mxnet\n"),
    "order of two tabs swapped": (
        lambda t: t.replace(CELL.search(t)[0], "").replace(
            "```{code-cell}", CELL.search(t)[0] + "\n```{code-cell}", 1),
        r"\[tab pytorch\] code", "```{code-cell} python\n:tab: pytorch\n"),
    "a label renamed": (lambda t: t.replace("(sec_auto_para)=", "(sec_auto)="),
                        r"en.md:\d+: target differs from \S+.md:\d+: `sec_auto` here", "(sec_auto"),
    "a number in code": (
        lambda t: t.replace("else 600", "else 601", 1),
        r"\[tab mxnet\] code cell differs from .* `n = 4000 if .*601` here, .*600` there",
        "```{code-cell} python\n:tab: mxnet\n\nn_products"),
    "a space in code": (lambda t: t.replace("n = 4000", "n  = 4000", 1), r"\[tab mxnet\] code",
                        "```{code-cell} python\n:tab: mxnet\n\nn_products"),
    "an option": (lambda t: t.replace("[hide-input]", "[hide-output]", 1),
                  r"\[tab mxnet\] code cell differs .*hide-output",
                  "```{code-cell} python\n:tab: mxnet\n:tags: [hide-output]"),
    "a figure dropped": (lambda t: re.sub(r"```\{figure\}.*?```\n", "", t, flags=re.S),
                         r"\{figure\} `../img/twogpu.svg` has no counterpart", "```{figure}"),
    "a figure's file": (lambda t: t.replace("twogpu.svg", "onegpu.svg"), r"\{figure\} differs",
                        "```{figure}"),
    "a citation's key": (lambda t: t.replace("Chen.Li.Li.ea.2015", "Chen.Li.Li.ea.2016"),
                         r"en.md:\d+: citation Chen.Li.Li.ea.2016 has no counterpart", "Chen.Li"),
    "one of two citations": (lambda t: t.replace(",Sergeev.DelBalso.2018", ""),
                             r"citation Sergeev.DelBalso.2018 has no", ",Sergeev.DelBalso.2018"),
    "a reference": (lambda t: t.replace("{numref}`sec_async`", "{numref}`sec_auto_para`"),
                    r"en.md:\d+: role \{numref\} `sec_auto_para` has no", "fig_asyncgraph"),
    "a heading's level": (lambda t: t.replace("\n## Computing while", "\n### Computing while"),
                          r"en.md:\d+: heading differs from \S+.md:\d+: `:level: 3` here",
                          "### Computing"),
    "a link dropped": (lambda t: re.sub(r"\[MXNet\]\(\S+\)", "MXNet", t),
                       r"link `https://discuss.d2l.ai/t/362` has no", "/t/362"),
    "a link's target": (lambda t: t.replace("/t/1681", "/t/1682"), r": link",
                        "/t/1682"),
    "a tab block": (
        lambda t: re.sub(r'\+\+\+ \{"tab": "mxnet"\}\n[^+]*?(?=\n\+\+\+)', "", t, count=1),
        r'\[tab mxnet\] block \+\+\+ \{"tab": "mxnet"\} has', '+++ {"tab": "mxnet"}'),
    "a paragraph": (
        lambda t: t.replace("\n(sec_auto_para_copying)=", "\nAgain.\n\n(sec_auto_para_copying)="),
        r"paragraph has no counterpart", "Again."),
    "an exercise": (lambda t: re.sub(r"^1\. Use NVIDIA.*\n", "", t, flags=re.M),
                    r"list item `1` has no counterpart", ""),
    "a directive": (lambda t: t.replace("```{machines}\n```\n", ""), r"\{machines\}",
                    "```{machines}"),
}


@pytest.mark.parametrize("name", PAGES)
def test_every_page_has_an_equal_twin(name):
    assert parity.compare(*twins(*real(name), name)) == []


def test_the_state_and_the_terms_of_every_page_hold():
    assert parity.check() == []


def test_pages_are_found_by_the_books_own_settings(tmp_path):
    assert {"index", "references", REAL} <= set(PAGES) and "README" not in PAGES
    (tmp_path / "conf.py").write_text('include_patterns = ["index.md", "chapter_*/*.md"]\n')
    (tmp_path / "chapter_a").mkdir()
    for name in ("index.md", "index.en.md", "chapter_a/x y.md", "chapter_a/z.en.md", "README.md"):
        (tmp_path / name).write_text("# T\n", "utf-8")
    assert list(parity.find_pages(tmp_path)) == ["chapter_a/x y", "chapter_a/z", "index"]
    assert parity.read_twins(tmp_path)[1] == ["chapter_a/x y: the page has no twin x y.en.md",
                                              "chapter_a/z: the page has no twin z.md"]


@pytest.mark.parametrize("name", REAL_MUTATIONS)
def test_a_change_of_the_real_page_is_caught_and_placed(name):
    change, words, place = REAL_MUTATIONS[name]
    vi, en = real()
    changed = change(en)
    assert changed != en
    messages = parity.compare(*twins(vi, changed, REAL))
    named = [f"{file}:{line_of(place, text)}: " for file, text in (
        (f"{REAL}.md", vi), (f"{REAL}.en.md", changed)) if place in text]
    assert any(re.search(words, message) and (not place or message.startswith(tuple(named)))
               for message in messages), (named, messages)
    assert all(re.match(r"\S+auto-parallelism(\.en)?\.md:\d+: ", m) for m in messages)
    assert len(messages) < 15


def test_a_made_page_with_everything_is_equal_to_its_twin():
    assert compare_made(CHUNKS, CHUNKS) == []


@pytest.mark.parametrize(("old", "new", "words"), [
    ("b.2,a.1", "a.1", "page.md:8: citation b.2"),
    ("<sec_all>`,", "<sec_x>`,", "role {ref} `sec_x`"),
    (":timeout: 30", ":timeout: 31", "en.md:10: [tab mxnet] code cell differs from page.md:10:"),
    ("x = 2", "x = 3", "`x = 3` here, `x = 2` there"),
    ("a.example/1", "a.example/2", "[tab mxnet] link `https://a.example/2`"),
    ("img/y.png", "img/z.png", "[tab pytorch] image `img/z.png`"),
    ("#id-1", "#id-2", "heading differs"),
    ("a = b", "a = c", "math block label differs"),
    ("(eq_1)", "(eq_2)", "math block label differs"),
    ("$y$", "$z$", "formula `z`"),
    ("\\text{", "+ \\text{", "math block label differs"),
    (":width: 50%", ":width: 51%", "{figure} differs"),
    (":alt: «Một hình|A figure»\n", "", "{figure} differs"),
    ("{eq}`eq_1`", "", "role {eq} in {figure} `eq_1`"),
    (":class: tip", ":class: note", "{admonition} differs"),
    ("* «hai|two»\n", "", "list item in {note} has no counterpart"),
    ("make test\n", "", "fence bash in {note} differs"),
    ("````{note}", "````{tip}", "{tip} in {admonition}"),
    ("<one>", "<other>", "{toctree} differs"),
    ("two\n```", "```", "{toctree} differs"),
    ("   - «ba|three»\n", "", "bullet list"),
    ("| «d|e» | {doc}`two` |\n", "", "tr has no counterpart"),
    ("n.example", "m.example", "link `https://m.example`"),
    ("index.html", "other.html", "HTML <a> differs"),
    ("shown, not run", "shown", "fence md differs"),
    ("    indented code", "    indented", "code block differs"),
    ("[^note].", ".", "footnote `note`"),
    ("file_format", "file_formats", "front matter differs"),
])
def test_a_change_of_the_made_page_is_caught_and_named(old, new, words):
    vi, en = (say(made(CHUNKS), language) for language in ("vi", "en"))
    assert say(old, "en") in en
    messages = parity.compare(*twins(vi, en.replace(say(old, "en"), say(new, "en"))))
    assert any(words in message for message in messages), messages


@pytest.mark.parametrize("change", [
    lambda t: t.replace("# «Mọi thứ|Everything»", "# «Tất cả|All there is»"),
    lambda t: t.replace("«Chỉ MXNet|MXNet alone»", "«Chỉ\nMXNet|MXNet\nalone»"),
    lambda t: t.replace("Caption", "Another"),
    lambda t: t.replace("A figure", "Another"),
    lambda t: t.replace("«nếu|if»", "«nếu|when»"),
    lambda t: t.replace("\n", "\r\n"),
    lambda t: "\ufeff" + t,
], ids=["title", "wrapping", "caption", "alt", "words in a formula", "CRLF", "BOM"])
def test_what_each_language_says_in_its_own_words_may_differ(change):
    text = made(CHUNKS)
    assert change(text) != text
    assert parity.compare(*twins(say(text, "vi"), say(change(text), "en"))) == []


@settings(deadline=None, max_examples=25)
@given(st.data())
def test_a_block_dropped_doubled_or_moved_is_caught(data):
    index = data.draw(st.integers(0, len(CHUNKS) - 1))
    how = data.draw(st.sampled_from(["dropped", "doubled", "moved"]))
    chunks = list(CHUNKS)
    chunk = chunks.pop(index)
    if how == "doubled":
        chunks[index:index] = [chunk, chunk]
    elif how == "moved":
        chunks.insert(data.draw(st.integers(0, len(chunks)).filter(lambda i: i != index)), chunk)
    messages = compare_made(CHUNKS, chunks)
    # A moved `+++` or definition may leave all else where it was.
    assert messages or chunk.startswith(("+++\n", "[^note]")), (how, chunk)


@settings(deadline=None, max_examples=25)
@given(st.data())
def test_any_character_of_any_cell_matters(data):
    vi, en = real()
    cell = data.draw(st.sampled_from([*re.finditer(r"```\{code-cell\}.*?\n\n(.*?)```", en, re.S)]))
    place = data.draw(st.integers(cell.start(1), cell.end(1) - 2))
    changed = en[:place] + "#" * (en[place] != "#") + en[place + 1:]
    line = en.count("\n", 0, cell.start()) + 1
    messages = parity.compare(*twins(vi, changed, REAL))
    assert [m for m in messages if f"en.md:{line}: [tab " in m], messages


@settings(deadline=None, max_examples=50)
@given(st.text(alphabet=st.sampled_from('`:{}[]()+#$|<>-*\n "=abấ%\\~^&!\t'), max_size=200))
def test_the_reader_takes_any_text(text):
    assert parity.compare(*twins(text, text)) == []


# The headings' labels.

def test_every_heading_has_a_label_and_no_label_names_two_places():
    text = ("(a)=\n# T\n\n## No\n\n(b)=\n\n{.fold}\n## Yes\n\n(c)=\nText.\n\n## Nor this\n\n"
            "```{note}\n## A note's own\n```\n\n(A)=\n## Again\n")
    second = "(d)=\n# U\n\n(C)=\nText.\n"
    assert parity.labels([read(text, "p.md", "vi"), read(second, "q.md", "vi")]) == [
        f"p.md:{line}: heading '{title}' has no label: write `(sec_name)=` above it, the same in "
        "both languages" for line, title in ((4, "No"), (14, "Nor this"))] + [
        "p.md:20: label `A` stands in p.md:1 too", "q.md:4: label `C` stands in p.md:11 too"]


def test_a_label_of_one_language_alone_is_named_with_its_line():
    messages = parity.compare(*twins("# T\n\n(a)=\n## A\n", "# T\n\n(b)=\n## A\n"))
    assert messages == ["page.en.md:3: target differs from page.md:3: `b` here, `a` there"]
    messages = parity.compare(*twins("# T\n\n(a)=\n## A\n", "# T\n\n## A\n"))
    assert messages == ["page.md:3: target `a` has no counterpart in page.en.md, near line 1"]


def test_an_old_address_leads_to_a_heading_of_both_languages(tmp_path):
    pages = {"page": twins("(a)=\n# T\n\n(b)=\nText.\n", "(a)=\n# T\n\n(b)=\nText.\n")}
    file = tmp_path / "addresses.tsv"
    file.write_text("page\ts1\tA\n")
    assert parity.old_addresses(file, pages) == []
    file.write_text("page\ts1\ta\npage\ts2\tb\ngone\ts1\ta\n")
    assert parity.old_addresses(file, pages) == [
        "addresses.tsv:2: no heading in page.md has the label `b`",
        "addresses.tsv:2: no heading in page.en.md has the label `b`",
        "addresses.tsv:3: there is no page 'gone'"]
    file.write_text("page\n")
    [message] = parity.old_addresses(file, pages)
    assert message.startswith("addresses.tsv:1: a row is")


# The state of the translation.

def state_of(vi, en):
    return [(a, b, theirs.title) for _, theirs, a, b in translations.pairs(vi, en)]


def edited(vi_change=("", ""), en_change=("", "")):
    vi, en = real()
    state = state_of(*twins(vi, en))
    changed = twins(vi.replace(*vi_change), en.replace(*en_change))
    assert parity.compare(*changed) == []
    return translations.check(*changed, state), state_of(*changed), changed


def test_an_edit_of_one_language_alone_is_reported_with_its_section():
    vi, en = real()
    messages, *_ = edited(vi_change=("sao chép thì lãng phí", "sao chép thì rất lãng phí"))
    here, there = line_of("## Tính toán trong", vi), line_of("## Computing while", en)
    assert messages == [
        f"page.md:{here}: section 'Tính toán trong khi sao chép' changed; its twin 'Computing "
        f"while copying' in page.en.md:{there} did not: translate the change, or confirm that it "
        "needs none with `make translated PAGE=page`"]
    messages, *_ = edited(en_change=("is wasteful", "is a waste"))
    assert len(messages) == 1
    assert messages[0].startswith(f"page.en.md:{there}: section 'Computing while copying' changed")


def test_an_edit_of_both_needs_a_confirmation_and_then_passes():
    messages, state, changed = edited(("sao chép thì lãng phí", "sao chép là lãng phí"),
                                      ("is wasteful", "is a waste"))
    assert len(messages) == 1 and "have both changed" in messages[0]
    assert translations.check(*changed, state) == []


@pytest.mark.parametrize(("old", "new"), [
    ("## Computing while copying", "## Computing and copying"),
    ("is wasteful. The", "is\nwasteful.  The"),
    ("n_products = 20", "n_products = 21"),
], ids=["title", "wrapping", "code"])
def test_a_title_wrapping_and_code_are_not_in_the_state(old, new):
    vi, en = real()
    assert old in en
    state = state_of(*twins(vi, en))
    assert translations.check(*twins(vi, en.replace(old, new)), state) == []


def test_a_moved_section_keeps_its_state_and_a_new_one_has_none():
    vi, en = (say(made(CHUNKS), language) for language in ("vi", "en"))
    state = state_of(*twins(vi, en))
    new = "## «Mới|New»\n\n«Chữ|Words».\n\n"
    moved = twins(vi.replace("\n{.fold", say(f"\n{new}{{.fold", "vi"), 1),
                  en.replace("\n{.fold", say(f"\n{new}{{.fold", "en"), 1))
    messages = translations.check(*moved, state)
    assert len(messages) == 1 and "'Mới' and its twin 'New'" in messages[0]


def test_confirming_one_page_keeps_the_others_as_they_were(tmp_path):
    file = tmp_path / "translations.tsv"
    old, new = (twins(f"# T\n\n{w}\n", f"# T\n\n{w} en\n") for w in ("cũ", "mới"))
    told = translations.confirm(file, {"a": old, "b": old}, {"a", "b"})
    assert told == ["confirmed: a: 'T' = 'T'", "confirmed: b: 'T' = 'T'"]
    translations.confirm(file, {"a": new}, {"a", "b"})
    state = translations.load(file)
    assert translations.check(*new, state["a"]) == []
    assert translations.check(*old, state["b"]) == []
    assert translations.check(*new, state["b"]) != []
    translations.confirm(file, {"a": new}, {"a"})  # b is no page any more
    assert list(translations.load(file)) == ["a"]


def test_twins_that_differ_are_not_confirmed(tmp_path, monkeypatch, capsys):
    (tmp_path / "conf.py").write_text('include_patterns = ["*.md"]\n')
    (tmp_path / "p.md").write_text("# T\n\n(a)=\nx\n")
    (tmp_path / "p.en.md").write_text("# T\n\n(b)=\nx\n")
    monkeypatch.setattr(parity, "ROOT", tmp_path)
    monkeypatch.setattr(parity.read_twins, "__defaults__", (tmp_path,))
    assert parity.main(["translated"]) == 1
    assert "p.en.md:3: target differs" in capsys.readouterr().out
    assert not (tmp_path / "translations.tsv").exists()
    assert parity.main(["translated", "q.md"]) == 1


# The terms.

TERMS = glossary.load(ROOT / glossary.FILE)


def misused(text):
    return glossary.check(read_page(text, "page.md", "vi"), TERMS)


@pytest.mark.parametrize("form", [form for term in TERMS for form in term.forbidden])
def test_every_forbidden_form_is_found(form):
    assert misused(f"# T\n\nMột {form}.\n")


@pytest.mark.parametrize("text", [
    "# Phụ trợ\n", "# T\n\nphần *phụ*\ntrợ\n", "# T\n\nPHỤ TRỢ\n", "# T\n\n* phụ trợ\n",
    normalize("NFD", "# T\n\nphụ trợ\n"), '# T\n\n+++ {"tab": "mxnet"}\nphụ trợ\n',
    "# T\n\n```{note}\nphụ trợ\n```\n", "# T\n\n```{figure} x.svg\n:alt: phụ trợ\n```\n",
    "---\nmyst: {html_meta: {description: phụ trợ}}\n---\n# T\n", '# T\n\n<p title="phụ trợ">\n',
    "# T\n\n<b>phụ trợ</b>\n", "# T\n\n{ref}`phụ trợ <x>`\n", "# T\n\n[phụ trợ](x)\n",
])
def test_a_form_is_found_wherever_prose_stands(text):
    assert len(misused(text)) == 1
    assert re.match(r"page.md:\d+: “phụ trợ”: write “back-end” for back-end", misused(text)[0],
                    re.IGNORECASE)


@pytest.mark.parametrize("text", [
    "không đồng nhất", "`phụ trợ`", "> phụ trợ", "```\nphụ trợ\n```", "phụ trợx", "hỗ trợ",
    "Lệnh này không đồng bộ hóa gì.", "độ dốc của đường thẳng", "```{code-cell}\n# phụ trợ\n```",
    "phụ `x` trợ",
])
def test_code_quotations_other_words_and_exceptions_are_free(text):
    assert misused(f"# T\n\n{text}\n") == []


def test_the_line_of_a_form_is_named():
    assert misused("# T\n\nmột\nhai phụ\ntrợ\n")[0].startswith("page.md:4: ")


@pytest.mark.parametrize("row", ["a\tb", "a\tb\t\t\t", "a\tb\tc\t\t\tmeaning",
                                 "a\tb\tc\t\t\tmeaning\t", "\tb\tc\t\t"])
def test_a_broken_table_is_refused(tmp_path, row):
    (tmp_path / "glossary.tsv").write_text(f"# terms\n{row}\n")
    with pytest.raises(ValueError, match="glossary.tsv:2: five cells"):
        glossary.load(tmp_path / "glossary.tsv")


def test_a_term_may_be_explained_and_forbid_nothing(tmp_path):
    (tmp_path / "glossary.tsv").write_text("a\tb\t\t\t\tmeaning\tnghĩa\nc\td\te\t\t\n", "utf-8")
    explained, plain = glossary.load(tmp_path / "glossary.tsv")
    assert explained.meaning == {"en": "meaning", "vi": "nghĩa"} and explained.forbidden == ()
    assert plain.meaning == {} and plain.forbidden == ("e",)


@pytest.mark.parametrize("term", [term.english for term in TERMS if term.meaning])
def test_what_is_explained_stands_on_a_page(term):
    pages = [file.read_text("utf-8") for files in PAGES.values() for file in files]
    assert sum(f"`{term}`" in text or f"<{term}>`" in text for text in pages) >= 2

"""What the server adds to a page, and which kernels a page may start."""
import os
import re

import pytest
from conftest import ROOT, Project
from jupyter_client.kernelspec import NoSuchKernel

from live.kernels import BookKernels
from live.markup import MARKUP
from live.pages import STATIC, WORDS, with_client, words

PAGE = '<!doctype html>\n<html class="x" lang="{}">\n  <head><title>T</title></head><body/></html>'


@pytest.mark.parametrize("language, run", [("vi", "Chạy"), ("en", "Run"), ("fr", "Run")])
def test_a_page_gets_the_client_at_the_head_of_its_head_and_is_else_as_it_was(language, run):
    page = PAGE.format(language)
    live = with_client(page)
    start = live.index("<head>") + len("<head>")
    client = live[start:live.index("<title>")]
    assert live.replace(client, "", 1) == page
    assert client.startswith('<script src="/live/token.js"></script>')
    assert f'"run": "{run}"' in client
    for file in re.findall(r'(?:src|href)="/live/([^"]+)"', client):
        assert (STATIC / file).is_file()
    assert "://" not in client


def test_no_word_ends_the_script_that_holds_it(monkeypatch):
    monkeypatch.setitem(WORDS, "run", "</script><b>")  # English words are these themselves
    assert "</script><b>" not in with_client(PAGE.format("en"))


def test_the_client_says_what_there_are_words_for_and_nothing_else():
    script = "".join(path.read_text("utf-8") for path in STATIC.glob("*.js"))
    assert set(WORDS) <= set(re.findall(r'"(\w+)"', script))
    assert set(re.findall(r'(?:say|tell|end|forget|button|note)\("(\w+)"', script)) <= set(WORDS)
    for name, text in words("vi").items():
        assert text != WORDS[name]
        assert sorted(re.findall(r"\{\w+\}", text)) == sorted(re.findall(r"\{\w+\}", WORDS[name]))


@pytest.mark.parametrize("kind, source, html", [
    ("text/markdown", "**b** $x^2$", r"<strong>b</strong> <span.*<msup>.*</math></span>"),
    ("text/markdown", "|a|\n|-|\n|1|\n\n$$\na\\\\b\n$$", r"<td>1</td>.*<div.* display=.*<mtr>"),
    ("text/markdown", r"$\foo <x>$: $5 or $6", r'<code.*>\\foo &lt;x&gt;</code>.*: \$5 or \$6'),
    ("text/latex", r"$\displaystyle x^2$", r'^<div class="math"><math.* display="block".*<msup>'),
    ("text/latex", r"\begin{align}a &= b\\c &= d\end{align}", r'^<div class="math"><math.*<mtr>'),
    ("text/latex", "$x$ and <b> $y$", r"^<p><span.*<mi>x</mi>.* and &lt;b&gt; .*<mi>y</mi>"),
    ("text/latex", r"\foo", r"^<p>\\foo</p>$"),
    ("text/latex", "a\x01", "^<p>a\x01</p>$"),  # XML holds no such character
    ("text/markdown", r"$\operatorname{<}$", "<code.*>.*{&lt;}</code>")])
def test_markdown_and_latex_become_html(kind, source, html):
    assert re.search(html, MARKUP[kind](source).strip(), re.S)


def test_a_page_may_start_the_kernels_of_its_tabs_in_its_language(tmp_path):
    project = Project(tmp_path)
    project.describe_frameworks("a", "b")
    file = project.folder / "kernels" / "stub-a" / "kernel.json"
    file.write_text(file.read_text().replace('"STUB"', '"EVIDENCE_RAW": "1", "STUB"'))
    kernels = BookKernels(root=project.folder)
    spec = kernels.get_kernel_spec("vi.a")
    assert spec.env["PYTHONPATH"].split(os.pathsep)[0] == str(project.folder)
    assert (spec.env["STUB"], spec.env["BOOK_LANGUAGE"]) == ("environment of a", "vi")
    assert "EVIDENCE_RAW" not in spec.env
    assert kernels.get_kernel_spec("en.b").env["BOOK_LANGUAGE"] == "en"


@pytest.mark.parametrize("name", [
    "", "a", "en.", "en.c", "fr.a", "python3", "en.stub-a", "en.../stub-a", "en.python3"])
def test_and_no_others(tmp_path, name):
    project = Project(tmp_path)
    project.describe_frameworks("a", "b")
    with pytest.raises(NoSuchKernel):
        BookKernels(root=project.folder).get_kernel_spec(name)


def test_the_client_is_a_published_one_with_its_licence():
    first, *rest = (STATIC / "vendor" / "jupyterlab-services.js").read_text("utf-8").splitlines()
    assert re.search(r"@jupyterlab/services@\d+\.\d+\.\d+,$", first)
    assert any("Redistributions in binary form" in line for line in rest)
    assert "jupyterlab-services" in (ROOT / "CONTRIBUTING.md").read_text("utf-8")

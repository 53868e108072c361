"""What readers take along: the pure half.  No Sphinx build, no framework."""
import dataclasses
import json
import os
import re
import subprocess
import sys
from html import escape
from xml.etree import ElementTree

import jupytext
import nbformat
import packaging
import pytest
from bs4 import BeautifulSoup
from conftest import CHAPTER, PAGE_TABS, ROOT
from hypothesis import example, given, settings, strategies as st
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from book import frameworks
from book.frameworks import Framework
from book.takealong.downloads import launch
from book.takealong.needs import packages
from book.takealong.notebooks import notebook, script, with_display
from book.takealong.prose import Form, Page, blocks
from book.takealong.setup_cell import environment, pack, setup_cells
from evidence.record import name_of
from tabcells.page.split import split
from tabcells.run.probe import hardware

FRAMEWORKS = frameworks.read(ROOT)
TABLE = """[distributions]
yaml = "PyYAML"
[needs]
evidence = ["yaml"]
"""


def code_of(page, tab):
    text = (ROOT / CHAPTER / f"{page}.md").read_text("utf-8")
    found = split(text, page, list(FRAMEWORKS))
    return [found.notebook.cells[i].source for i in found.cells_of[tab]]


@pytest.fixture
def project(tmp_path):
    """``project(module, first, last)``: a folder with one kernel, and its stub framework."""
    def make(module="packaging", first="3.9", last="3.99"):
        (tmp_path / "kernels" / "stub").mkdir(parents=True)
        (tmp_path / "kernels" / "stub" / "kernel.json").write_text('{"env": {"STUB": "1"}}')
        (tmp_path / "imports.toml").write_text(TABLE)
        (tmp_path / "requirements.txt").write_text(f"{module}==1.2.3\nother==2\n")
        return tmp_path, Framework("stub", order=1, label="Stub", kernel="stub", module=module,
                                   versions=(), python=(first, last), pinned=(module,), gpus="[]")
    return make


def first_cell(project, code, language="en"):
    """Run a first cell in which pip only prints what it was asked for."""
    cell = setup_cells(*project, code, language)[0]
    fake = cell.replace("import sys\n", "import sys\nreal = subprocess.run\n"
                        "def fake(command, **options):\n"
                        "    if 'pip' not in command: return real(command, **options)\n"
                        "    return real(['true'])\nsubprocess.run = fake\n", 1)
    return subprocess.run([sys.executable, "-c", fake], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("code, wanted", [
    ("x", "x"), ("a = 1\nf(a)", "a = 1\ndisplay(f(a))"), ("f(1);", "f(1);"), ("", ""),
    ("print(1)", "print(1)"), ("display(1)", "display(1)"), ("# only words", "# only words"),
    ("if a:\n    f()", "if a:\n    f()"), ("a = 'ế'; (a +\n 'b')  # đ",
                                           "a = 'ế'; display((a +\n 'b'))  # đ"),
    ("f(\n  1,\n  2)\n", "display(f(\n  1,\n  2))\n"),
    ("%matplotlib inline\na", "%matplotlib inline\ndisplay(a)"), ("a\n%who", "a\n%who"),
    ("%%time\na", "%%time\na"), ("!ls", "!ls"), ("no Python", "no Python")])
def test_a_script_displays_what_a_notebook_would_show(code, wanted):
    assert with_display(code) == (wanted if code != "x" else "display(x)")


@pytest.mark.parametrize("page, tab", PAGE_TABS)
def test_what_is_installed_follows_from_what_is_imported(page, tab):
    code = code_of(page, tab)
    found = packages(ROOT, FRAMEWORKS[tab], code)
    assert ("d2l" in found) == ("d2l" in "".join(code))
    plots = any(name in "".join(code) for name in ("d2l", "evidence"))
    assert ("matplotlib" in found) == plots
    assert ("nvtx" in found) == ("nvtx" in "".join(code))
    assert next(iter(found)) == FRAMEWORKS[tab].module
    if tab == "mxnet":
        assert found["mxnet"] == "mxnet==1.9.1" and found["numpy"] == "numpy==1.23.5"
    elif tab == "pytorch":
        assert found["torch"] == "torch==2.13.0" and found.get("numpy", "numpy") == "numpy"
    pinned = "".join((ROOT / f"requirements{part}.txt").read_text()
                     for part in ("-render", "", "-torch"))
    for needed in found.values():
        assert "==" not in needed or f"\n{needed}\n" in pinned


def test_an_import_that_nobody_knows_is_refused_and_pythons_own_are_not_asked_for(project):
    stub = project()
    assert packages(*stub, ["import os.path\nfrom concurrent import futures"]) == {
        "packaging": "packaging==1.2.3"}
    magic = ["%matplotlib inline\nimport yaml", "%%time\nx", "no Python"]
    assert set(packages(*stub, magic)) == {"packaging", "yaml"}
    assert packages(*stub, ["from evidence.trace import x"])["yaml"] == "PyYAML"
    with pytest.raises(ValueError, match="imports 'unheard'"):
        packages(*stub, ["def f():\n    import unheard.of"])


def test_a_framework_that_works_stays_and_nothing_is_installed_without_need(project):
    done = first_cell(project(), ["import yaml"])
    assert done.returncode == 0, done.stderr
    assert "Installing" not in done.stdout
    assert f"packaging {packaging.__version__}; CPU cores: " in done.stdout


def test_what_is_missing_is_installed_beside_the_versions_that_are_there(project):
    stub = project()
    (stub[0] / "requirements.txt").write_text("packaging==1.2.3\nunheard==7\n")
    done = first_cell(stub, ["import unheard"])
    assert f"Installing: packaging=={packaging.__version__} unheard\n" in done.stdout


def test_a_framework_from_a_distribution_with_another_name_stays_too(project):
    root, stub = project()
    (root / "requirements.txt").write_text("unheard==7\n")
    (root / "imports.toml").write_text(TABLE.replace(
        "[needs]", 'packaging = "unheard-build"\n[needs]'))
    done = first_cell((root, stub), ["import unheard"])
    assert "Installing: unheard\n" in done.stdout, done.stdout


def test_a_missing_framework_is_installed_in_the_books_version(project):
    done = first_cell(project("unheard"), ["import yaml"])
    assert "Installing: packaging" not in done.stdout
    assert "Installing: unheard==1.2.3 " in done.stdout and "PyYAML" in done.stdout


@pytest.mark.parametrize("language, words", [
    ("en", "Stub 1.2.3 needs Python 3.1 to 3.2, and this is Python 3."),
    ("vi", "Stub 1.2.3 cần Python từ 3.1 đến 3.2, mà đây là Python 3.")])
def test_a_python_on_which_the_framework_cannot_be_is_told_in_a_sentence(project, language, words):
    done = first_cell(project("unheard", "3.1", "3.2"), [], language)
    assert done.returncode == 1 and done.stderr.startswith(words), done.stderr
    assert not done.stdout and "Traceback" not in done.stderr


def test_the_environment_is_that_of_the_kernel_but_for_the_books_own():
    assert environment(ROOT, "mxnet", "vi")["OMP_NUM_THREADS"] == "1"
    assert environment(ROOT, "pytorch", "en") == {"BOOK_LANGUAGE": "en"}
    first = setup_cells(ROOT, FRAMEWORKS["mxnet"], code_of("auto-parallelism", "mxnet"), "vi")[0]
    assert first.index("'MXNET_CPU_TEMP_COPY': '64'") < first.index("\nimport mxnet")


def test_the_helpers_travel_in_the_file_and_are_the_same_each_time(tmp_path):
    assert pack(ROOT / "evidence") == pack(ROOT / "evidence")
    brought = setup_cells(ROOT, FRAMEWORKS["mxnet"], ["import evidence"], "vi")[1]
    code = "import importlib.util, os, subprocess, sys\n" + brought + (
        "\nimport evidence.page\nprint(evidence.page.__file__)\n"
        "subprocess.run([sys.executable, '-c', 'import evidence.graph'], check=True)")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                          cwd=tmp_path, check=False)
    assert "evidence.zip" in done.stdout, done.stderr
    assert len(setup_cells(ROOT, FRAMEWORKS["mxnet"], ["import numpy"], "vi")) == 1


def test_the_kernels_startup_goes_where_its_imports_are(tmp_path):
    with_d2l = setup_cells(ROOT, FRAMEWORKS["pytorch"], ["from d2l import torch"], "vi")[1]
    assert "_torchvision.define" in with_d2l and '"""' not in with_d2l and "noqa" not in with_d2l
    assert len(setup_cells(ROOT, FRAMEWORKS["pytorch"], ["import torch"], "vi")) == 1


PAGE = """<section><h1>Title<a class="headerlink">¶</a></h1><nav>row</nav>
<p>See <a href="other.html#x" class="reference internal" title="t">Figure 1.1</a>,
<a href="https://e.org/a_b">there</a>, <math alttext="a_1*b"><mi>a</mi></math>
<span class="bibtex-citation">[<a href="r.html#id1" title="A. Author. A work.
 2020.">Author, 2020</a>]</span>.</p>
<div class="math"><math alttext="\\frac{a}{b}" display="block"><mi>a</mi></math></div>
<div class="tabcells"><div role="tablist"><button>A</button></div>
<p class="tabcells-only">only</p>
<div role="tabpanel" data-tab="a"><p>For a_b.</p><div class="cell"><details><summary>show</summary>
<div class="cell_input"><pre>x  =  1</pre></div></details><div class="cell_output">gone</div></div>
</div><div role="tabpanel" data-tab="b"><p>For b.</p><div class="cell"><div class="cell_input">y
</div></div></div></div>
<details class="fold"><summary><h3>Hint</h3></summary><p>Fold.</p>
<div class="highlight-console"><div class="highlight"><pre><span>$ </span>ls
</pre></div></div></details>
<figure><img src="../_images/p.svg" alt="Alt &lt;1&gt;"><figcaption><p>
<span class="caption-number">Figure 1.2 </span><span>Words.</span></p></figcaption></figure>
<div class="evidence"><svg viewBox="0 0 1 1"><title>T</title></svg></div>
<p class="provenance"><strong>Where it ran.</strong> Here.</p></section>"""


def picture(source):
    return (b"<svg/>", "image/svg+xml") if source.endswith("p.svg") else None


def blocks_of(html, address="", **form):
    return list(blocks(Page(html, address).written(Form(picture, **form)), "a"))


def prose_of(**form):
    found = blocks_of(PAGE, **form)
    return found, "\n\n".join(text for kind, text in found if kind != "code")


def test_prose_is_plain_markdown_of_one_tab_in_order():
    found, text = prose_of()
    assert [kind for kind, _ in found] == [
        "markdown", "code", "markdown", "references"]
    for words in ("# Title\n", "See Figure 1.1,", "[there](https://e.org/a_b)", "$a_1*b$",
                  "\n\n$$\\frac{a}{b}$$\n\n",
                  "[Author, 2020]", "For a\\_b.", "### Hint\n\nFold.", "```console\n$ ls\n```",
                  "**Figure 1.2** Words.", "* A. Author. A work. 2020.",
                  '<img alt="Alt &lt;1&gt;" src="data:image/svg+xml;base64,PHN2Zy8+">',
                  '<img alt="T" src="data:image/svg+xml;base64,'):
        assert words in text, (words, text)
    for gone in ("¶", "row", "For b", "only", "gone", "Where it ran", "show", "other.html", "<svg"):
        assert gone not in text, (gone, text)


def test_a_page_is_written_in_each_form_and_read_in_each_tab_from_one_parse():
    page, form = Page(PAGE), Form(picture)
    parts = page.written(form)
    assert page.written(Form(picture, width=20, pictures=False)) != parts == page.written(form)
    assert list(blocks(parts, "a")) == blocks_of(PAGE)
    text = "\n".join(text for _, text in blocks(parts, "b"))
    assert "For b." in text and "y\n" in text and "For a" not in text and "# Title" in text


def test_links_into_the_book_are_absolute_where_it_has_an_address():
    assert "[Figure 1.1](https://b.org/vi/c/other.html#x)" in prose_of(
        address="https://b.org/vi/c/page.html")[1]
    assert "[Alt <1>]" in prose_of(pictures=False)[1]


def cell(source, *tags):
    return nbformat.v4.new_code_cell(source, metadata={"tags": list(tags)})


def test_code_comes_from_the_source_none_lost_none_twice(project):
    stub, source = project(), [cell("a = 1", "remove-cell"), cell("x = 1", "hide-input"), cell("b")]
    made = notebook(*stub, source, prose_of()[0], "vi")
    nbformat.validate(made)
    code = [c for c in made.cells if c.cell_type == "code"][1:]
    assert [c.source for c in code] == ["a = 1", "x = 1", "b"]
    assert [c.metadata.get("jupyter", {}).get("source_hidden") for c in code] == [True, True, None]
    assert made.cells[-2].source.startswith("## Tài liệu tham khảo\n")
    assert nbformat.writes(made) == nbformat.writes(
        notebook(*stub, source, prose_of()[0], "vi"))
    with pytest.raises(ValueError, match="not in its source"):
        notebook(*stub, source[2:], prose_of()[0], "vi")


def test_the_script_is_the_notebook_and_runs_without_one(project, tmp_path):
    stub = project()
    made = notebook(*stub, [cell("x = 1"), cell("None"), cell("[x, 'đ']")],
                    prose_of(pictures=False)[0], "vi")
    text = script(made, "vi", stub[1], "page")
    again = jupytext.reads(text, "py:percent")
    assert [c.source for c in again.cells if c.cell_type == "code"][1:] == [
        "x = 1", "display(None)", "display([x, 'đ'])"]
    file = tmp_path / "page.py"
    file.write_text(text, "utf-8")
    done = subprocess.run([sys.executable, file], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stdout.endswith("\n[1, 'đ']\n"), done.stderr
    assert not re.search(r"(?m)^(?!#).*Title", text)


MEASURES = ("from evidence import versus\nversus('stub', 'mlp', ['cpu'], seconds={"
            "'waiting': [2.0] * 5, 'automatic': [1.0] * 5})")


@pytest.fixture
def script_of(project, tmp_path):
    """``script_of(code)``: a script with that cell; it returns a function that runs it."""
    def make(code, language="en", **variables):
        root, stub = project()
        (root / "evidence").symlink_to(ROOT / "evidence")
        file = tmp_path / "page.py"
        whole = notebook(root, stub, [cell(code)], [], language, "Licence.")
        file.write_text(script(whole, language, stub, "chapter/page"), "utf-8")
        return lambda *options: subprocess.run(
            [sys.executable, file, *options], capture_output=True, text=True, cwd=tmp_path,
            env={**os.environ, "EVIDENCE_RAW": "1", **variables}, check=False)  # no plot is drawn
    return make


@pytest.mark.parametrize("language, plot", [("en", "Plot: "), ("vi", "Biểu đồ: ")])
def test_a_script_saves_plots_and_says_where(script_of, tmp_path, language, plot):
    run, file = script_of(MEASURES, language, EVIDENCE_RAW=""), tmp_path / "page.plots" / "1.svg"
    done = run()
    assert f"\n{plot}{file}\n" in done.stdout, done.stdout + done.stderr
    drawn = file.read_text("utf-8")
    assert ElementTree.fromstring(drawn).tag.endswith("svg") and "var(" not in drawn
    assert not set("*|") & set(done.stdout)  # Markdown's
    file.unlink()
    file.parent.rmdir()
    file.parent.write_text("no folder")
    done = run()
    assert done.returncode == 0 and f"\n{plot}[Errno" in done.stdout, done.stderr


def test_a_script_records_what_its_cells_measure(script_of, tmp_path):
    run = script_of(MEASURES)
    assert run().returncode == 0 and not (tmp_path / "mine.json").exists()
    done = run("--record", "mine.json")
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(f"mine.json: 1 measurements, 0 timelines of {name_of(hardware())}."
                                " README of the book's sources tells where to send it.\n")
    record = json.loads((tmp_path / "mine.json").read_text("utf-8"))
    [kept], [entry] = record["runs"], record["measurements"]
    assert (kept["page"], kept["kernel"], kept["versions"]["packaging"]) == (
        "chapter/page", "stub", packaging.__version__)
    assert record["machine"] == hardware() and kept["seconds"] < 600
    assert (entry["experiment"], entry["page"], entry["speedup"]) == ("mlp", "chapter/page", 2.0)


@pytest.mark.parametrize("language, options, words", [
    ("en", ["--record", "page.py"], "page.py is there already; name a new file"),
    ("vi", ["--record", "page.py"], "page.py đã có sẵn; hãy đặt tên một tệp mới"),
    ("en", ["--record", "no/mine.json"], "the folder of no/mine.json does not exist"),
    ("en", ["--record"], "expected one argument"),
    ("en", ["--recrod", "mine.json"], "unrecognized arguments: --recrod mine.json")])
def test_a_wrong_word_ends_a_script_before_anything_runs(script_of, language, options, words):
    done = script_of(MEASURES, language)(*options)
    assert done.returncode == 2 and words in done.stderr and not done.stdout


def test_a_script_that_measures_nothing_has_nothing_to_record(script_of):
    run = script_of("print('x')")
    assert "--record" not in run("--help").stdout
    assert "unrecognized arguments: --record" in run("--record", "mine.json").stderr


CUDA_STUB = """
real = subprocess.run
def fake(command, **options):
    if 'pip' not in command:
        return real(command, **options)
    print('pip', *command[3:])
    if 'unheard-cuda==7' in command:
        os.mkdir('unheard')
        with open('unheard/__init__.py', 'w') as file:
            file.write("__version__ = '7'; open('unheard/libown.so.1').close()")
    elif '--target' in command and $comes:
        os.makedirs('unheard/cuda/nvidia/own/lib')
        open('unheard/cuda/nvidia/own/lib/libown.so.1', 'w').close()
    return real(['true'], stdout=subprocess.PIPE, text=True)
subprocess.run = fake
"""


@pytest.mark.parametrize("answer, comes, asked", [
    ("echo 9.0; echo 7.5", True, ["unheard-cuda==7", "libraries"]),
    ("echo 9.0; echo 7.5", False, ["unheard-cuda==7", "libraries", "remove", "unheard==1.2.3"]),
    ("echo 9.0", True, ["unheard==1.2.3"]),
    ("echo 'NVIDIA-SMI has failed'; exit 9", True, ["unheard==1.2.3"]),
    ("", True, ["unheard==1.2.3"])],
    ids=["fits", "fits but fails", "too new", "no driver", "no answer"])
def test_where_a_gpu_fits_the_cuda_build_is_taken(project, tmp_path, answer, comes, asked):
    root, stub = project("unheard")
    (root / "requirements-gpu.txt").write_text("unheard-cuda==7\nnvidia-own-cu11==8\n")
    stub = dataclasses.replace(stub, cuda={"package": "unheard-cuda",
                                           "capabilities": ["5.0", "8.9"]})
    code = setup_cells(root, stub, [], "en")[0].replace(
        "import sys\n", "import sys\n" + CUDA_STUB.replace("$comes", str(comes)), 1)
    smi = tmp_path / "bin" / "nvidia-smi"
    smi.parent.mkdir()
    smi.write_text(f"#!/bin/sh\n{answer}\n")
    smi.chmod(0o755)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                          cwd=tmp_path, check=False,
                          env={**os.environ, "PATH": f"{smi.parent}:{os.environ['PATH']}"})
    requests = {"pip install --quiet unheard-cuda==7": "unheard-cuda==7",
                "pip install --quiet --no-deps --target "
                f"{tmp_path}/unheard/cuda nvidia-own-cu11==8": "libraries",
                "pip uninstall --quiet --yes unheard-cuda": "remove",
                "pip install --quiet unheard==1.2.3": "unheard==1.2.3"}
    assert [requests[line] for line in done.stdout.splitlines()
            if line.startswith("pip ")] == asked, done.stdout + done.stderr
    assert ("no kernels for the GPUs here (compute capability 9.0)" in done.stdout) == (
        answer == "echo 9.0")
    assert ("unheard-cuda can't be imported here" in done.stdout) == (not comes)
    assert ("unheard 7; CPU cores: " in done.stdout) == (asked[-1] == "libraries"), done.stderr


def test_a_cuda_build_that_is_not_pinned_is_refused(project):
    root, stub = project()
    cuda = {"package": "unheard-cuda", "capabilities": ["5.0", "8.9"]}
    with pytest.raises(ValueError, match=r"requirements-gpu\.txt pins no unheard-cuda"):
        setup_cells(root, dataclasses.replace(stub, cuda=cuda), [], "en")


def test_launch_addresses_need_a_repository():
    assert launch("", "gh-pages", "vi/notebooks/p.a.ipynb") == {}
    there = "github.com/me/book.vn/blob/b/vi/p.ipynb"
    for address in ("https://github.com/me/book.vn", "https://github.com/me/book.vn.git"):
        assert launch(address, "b", "vi/p.ipynb") == {
            "Kaggle": f"https://kaggle.com/kernels/welcome?src=https://{there}",
            "Colab": "https://colab.research.google.com/" + there.replace(".com", "", 1)}


LETTERS = st.text("a b1.)-+=#>*_`$\\<>[]()!~|&;:%/x\n", max_size=40)


def page_text(markdown):
    """What a renderer of notebooks shows: the text, with formulas between dollars."""
    rendered = MarkdownIt("gfm-like", {"linkify": False}).use(dollarmath_plugin).render(markdown)
    page = BeautifulSoup(rendered, "html.parser")
    for formula in page.select(".math"):
        formula.string = f"FORMULA {formula.get_text()}"
    return " ".join(page.get_text().split())


@pytest.mark.parametrize("pictures, width", [(True, None), (False, 20)])
@settings(max_examples=60, deadline=None)
@given(LETTERS, LETTERS)
@example("<tên> \\<tên\\>", "$5 và $6")
@example("<b>", "a<i> &lt;")
@example("# a", "1. b - c\\begin{x}")
@example("a!", "](b)")
@example("--- | ---", "[^1]: a")
def test_a_notebook_has_the_text_of_the_page(pictures, width, first, second):
    first, second = (" ".join(text.split()) for text in (first, second))
    html = (f"<p>{escape(first)}<em>x</em>{escape(second)}</p><h2>T {escape(second)}</h2>"
            f"<dl><dt>{escape(first) or 'T'}</dt><dd><p>{escape(second)}</p></dd></dl>"
            f"<ul><li><p>{escape(first)}</p></li></ul><table><thead><tr><th>T</th></tr></thead>"
            f"<tbody><tr><td>{escape(first)}<code>a|`b</code></td></tr></tbody></table>")
    page = "\n".join(text for _, text in blocks_of(
        f"<section>{html}</section>", pictures=pictures, width=width))
    wanted = re.sub(r"(</(p|h2|li|d[td]|t[rdh])>)", r"\1 ", html)
    assert page_text(page).replace(" ", "") == "".join(
        BeautifulSoup(wanted, "html.parser").get_text().split())
    assert not pictures or not re.search(r"[$\\][({[$]|\$", re.sub(r"\\(?![({$])", "", page))


def test_what_is_no_prose_stays_as_it_is():
    html = ("<section><p>x<sup>2</sup> <code>a _b$</code></p><ul><li><p>- c</p></li></ul>"
            "<div class='highlight-text'><pre>```\n$a_b\n</pre></div>"
            "<p><math alttext='a - b < c'></math> costs $5</p></section>")
    assert [text for _, text in blocks_of(html)] == [
        "x<sup>2</sup> `a _b$`\n\n* \\- c\n\n````text\n```\n$a_b\n````\n\n"
        "$a - b < c$ costs <span>&#36;</span>5"]
    narrow = "\n".join(text for _, text in blocks_of(html, width=5, pictures=False))
    assert "$a - b < c$" in narrow and "\\$5" in narrow


@pytest.mark.parametrize("code, printed", [
    ("import asyncio\nx = await asyncio.sleep(0, 'một')\nx", "một\nmột\n"),
    ("x = await asyncio.sleep(0, '''a\nb''')", "a\nb\n"),
    ("x = 3\n%matplotlib inline", "In a notebook alone: matplotlib inline\n3\n"),
    ("x = 3\nif x:\n    !ls", "In a notebook alone: ls\n3\n"),
    ("len?\nx = 4", "In a notebook alone: pinfo len\n4\n"),
    ("%%time\nx = 5\n", "5\n"), ("%time x = 6", "6\n"),
    ("x = 7\ns = '''\n!ls\n%who\n'''", "7\n"),
    ("%%bash\nls\n", "In a notebook alone: bash  ls\n\n0\n"),
    ("from __future__ import annotations\nx: never = 8", "8\n"),
    ("x = = 1", "0\n"), ("from os import *\nawait x", "0\n"), ("x: int = await y", "0\n")])
def test_a_script_runs_whatever_its_cells_are(project, tmp_path, code, printed):
    cells = [cell("import asyncio\nx = 0"), cell(code), cell("print(x)")]
    stub = project()
    text = script(notebook(*stub, cells, [], "en"), "en", stub[1], "page")
    file = tmp_path / "page.py"
    file.write_text(text, "utf-8")
    done = subprocess.run([sys.executable, file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.partition("\n")[2] == printed
    assert ("the notebook has it too" in text) == (printed == "0\n")

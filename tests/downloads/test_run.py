"""Run what readers take along, as they would: a bare environment, another folder.

Proven, for each framework, in an environment of its own (``layers.Layer``) that at first has
Jupyter's client alone: a script (MXNet) or a notebook (PyTorch) installs what it needs and
runs; the next file finds a framework that works and asks for no more than it lacks; every page
runs in full; sentences, tables and plots are shown; what a script records can be taken in.
pip is real, and so are its requests, what the distributions require of each other, and the
unpinned packages, the newest of the index.

Not proven: that the pinned wheels can be downloaded.  Their files are those of the book's own
environment, for which `make env` has just downloaded the same pins of requirements.txt.

How fast this machine is is no matter here: each work runs once, not seven times after a warm-up,
and what that took is dealt out to five readings (tests/hurried).  All else in the cells runs as it
stands.

Each page runs once for each framework, as one of its four files (two forms, two languages), and
both forms for each.  The others hold the same code, which is compared.
"""
import ast
import json
import re
import shutil

import jupytext
import nbformat
import pytest
from bs4 import BeautifulSoup
from conftest import LANGUAGES, PAGE_TABS, PAGES, ROOT, TABS, TABS_OF
from layers import Layer

from book import frameworks
from book.takealong.needs import pins
from book.takealong.notebooks import DISPLAY, WORDS, arguments, with_display
from evidence import words
from tools.received import objections

#: By framework, in this order: the page, the language and the form of what is run.
RUNS = {framework: [(page, *(("vi", "py"), ("en", "ipynb"))[(turn + number) % 2])
                    for turn, page in enumerate(PAGES) if framework in TABS_OF[page]]
        for number, framework in enumerate(TABS)}
EVERY = [pytest.param(framework, page, language, form, id=f"{language}-{page}.{framework}.{form}",
                      marks=pytest.mark.xdist_group(f"downloads-{framework}"))
         for framework, runs in RUNS.items() for page, language, form in runs]


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    """``reader(framework)``: its environment, in which what has run has left its packages."""
    layers = {}

    def environment(framework):
        if framework not in layers:
            layer = layers[framework] = Layer(tmp_path_factory.mktemp(framework))
            assert not {"mxnet", "torch", "d2l", "matplotlib"} & set(layer.versions())
        return layers[framework]

    yield environment
    for layer in layers.values():
        shutil.rmtree(layer.folder.parent, ignore_errors=True)


def execute(layer, file, *options):
    """The lines of text that a reader sees of a file's results, and their HTML.

    :param options: of a script
    """
    if file.suffix == ".py":
        printed = layer.run(layer.python, file, *options, folder=file.parent.parent)
        return printed.replace("*", "").split("\n"), ""
    done = file.with_name("done.ipynb")
    layer.run(layer.folder / "bin" / "jupyter-execute", file, f"--output={done.stem}",
              "--timeout=1700", folder=file.parent)
    outputs = [output for cell in json.loads(done.read_text("utf-8"))["cells"]
               if cell["cell_type"] == "code" for output in cell["outputs"]]
    html = "".join("".join(output.get("data", {}).get("text/html", "")) for output in outputs)
    lines = "".join("".join(output.get("text", "")) for output in outputs).split("\n")
    lines += [node.get_text() for node in BeautifulSoup(html, "html.parser").select("p, th")]
    return lines, html


def cells(file):
    """The code cells of a script or a notebook."""
    text = file.read_text("utf-8")
    if file.suffix == ".ipynb":
        content = nbformat.reads(text, 4)
    else:
        content = jupytext.reads(text, "py:percent")
    return [cell.source for cell in content.cells if cell.cell_type == "code"]


def needed(setup):
    """The dict of that name in a setup cell: ``{import: what pip calls it}``."""
    return next(ast.literal_eval(node.value) for node in ast.parse(setup).body
                if isinstance(node, ast.Assign) and node.targets[0].id == "needed")


def sentences(language):
    """What the book says of numbers, each as a pattern of its whole line."""
    return [re.compile(re.sub(r"\\{\w+\\}", ".*", re.escape(pattern.replace("*", ""))) + ".*")
            for pattern in words.sentences(language).values()]


def requests(setup, layer):
    """What the setup cell must ask pip for, a list for each time: what is not there."""
    wanted, framework = needed(setup), next(iter(needed(setup)))
    missing, versions = layer.lacks([*wanted, "d2l"]), layer.versions()
    asked = []
    if framework in missing:
        asked.append([*wanted.values()])
    elif set(missing) & set(wanted):  # what is there stays as it is
        names = [package.split("==")[0] for package in wanted.values()]
        asked.append([f"{name}=={versions[name.lower()]}" if name.lower() in versions else name
                      for name in names])
    if "d2l" in missing and "'d2l'" in setup:
        asked.append(["--no-deps", f"d2l=={pins(ROOT)['d2l']}"])
    return asked


@pytest.mark.parametrize("framework, page, language, form", EVERY)
def test_a_download_runs_where_a_reader_opens_it(
        site, reader, tmp_path, framework, page, language, form):
    (tmp_path / "downloads").mkdir()
    name = f"{page}.{framework}.{form}"
    file = tmp_path / "downloads" / name
    shutil.copy(site / language / "notebooks" / name, file)
    layer, setup, code = reader(framework), cells(file)[0], "\n".join(cells(file))
    asked = requests(setup, layer)
    mine = tmp_path / "mine.json"
    records = form == "py" and "--record" in setup
    lines, html = execute(layer, file, *["--record", mine] * records)
    text = "\n".join(lines)
    assert [line.partition(": ")[2].split(" ") for line in lines
            if re.match("Installing: |Đang cài: ", line)] == asked
    assert layer.lacks(needed(setup)) == []
    versions = layer.versions()
    for pinned in frameworks.read(ROOT)[framework].pinned:  # torch 2.13.0+cpu is a 2.13.0
        assert versions.get(pinned, pins(ROOT)[pinned]).split("+")[0] == pins(ROOT)[pinned]
    module = frameworks.read(ROOT)[framework].module
    version = f"{module} {pins(ROOT)[module]}"
    assert re.search(rf"Python 3\.\d+\.\d+; {version}", text), f"no word of the setup:\n{text}"
    measured = len(re.findall(
        r"(?m)^ *(?:display\()?(?:pair|versus|curve|bound|timeline)\('", code))
    said = sum(any(says.fullmatch(line) for says in sentences(language)) for line in lines)
    assert not records or objections(json.loads(mine.read_text("utf-8")), ROOT) == []
    assert records == (form == "py" and measured > 0)
    assert measured <= said, f"{measured} measurements, {said} sentences:\n{text[-3000:]}"
    assert "'kind':" not in text, "evidence is printed as a dict"
    median = words.label("median", language)
    if not measured:
        assert "sec" in text, "no word of a d2l.Benchmark"
    elif form == "ipynb":
        assert html.count("<svg") >= measured and median in lines, "no plots, or no tables"
    else:
        quantity = words.label("quantity", language)
        assert re.search(rf"(?m)^{quantity} +{median} ", text), "no table of a measurement"
        plots = list(file.with_suffix(".plots").glob("*.svg"))
        assert len(plots) >= measured, "not each plot is saved"
        assert all(str(plot) in text for plot in plots), "no word of where"


def test_what_runs_covers_every_page_form_and_language():
    assert [(page, framework) for framework, runs in RUNS.items() for page, _, _ in runs] == [
        (page, framework) for framework in TABS for page in PAGES if framework in TABS_OF[page]]
    for runs in RUNS.values():
        if len(runs) == 1:
            continue
        assert {form for _, _, form in runs} == {"py", "ipynb"}
        assert {language for _, language, _ in runs} == set(LANGUAGES)
    assert {runs[0][2] for runs in RUNS.values()} == {"py", "ipynb"}  # what installs


class _WithoutWords(ast.NodeTransformer):
    """Drops what the setup cell says to the reader, and in which language."""

    def visit_Call(self, node):
        if getattr(node.func, "id", None) in ("print", "SystemExit"):
            for part in ast.walk(node):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    part.value = ""
        return self.generic_visit(node)

    def visit_Dict(self, node):
        for key, value in zip(node.keys, node.values):
            if key.value == "BOOK_LANGUAGE":
                value.value = ""
        return node


def same_code(file, language):
    """A file's code such that all four files of a page and framework must agree."""
    code = cells(file)
    if file.suffix == ".py":
        display = DISPLAY.substitute(WORDS[language]).rstrip("\n")
        options = arguments(language, "--record" in code[0])
        assert code[0].startswith(options) and code[0].endswith(display)
        code[0] = code[0].removeprefix(options).removesuffix(display)
        if "evidence.record import" in code[-1]:
            code.pop()
    else:
        code = [with_display(cell) for cell in code]
    return [ast.dump(_WithoutWords().visit(ast.parse(code[0]))),
            *(ast.dump(ast.parse(cell)) for cell in code[1:])]


@pytest.mark.parametrize("page, framework", PAGE_TABS)
def test_the_files_that_are_not_run_hold_the_code_of_the_one_that_is(site, framework, page):
    codes = [same_code(site / language / "notebooks" / f"{page}.{framework}.{form}", language)
             for language in LANGUAGES for form in ("py", "ipynb")]
    assert len(codes[0]) > 1
    assert codes == [codes[0]] * 4

"""A project of D2L's old builder, built as it stands; folders of their own; single pages."""
import json

from bs4 import BeautifulSoup
from test_projects import panels

CONF = """
extensions = ["tabcells", "sphinxcontrib.bibtex"]
bibtex_bibfiles = ["d2l.bib"]
tabcells_d2l = {"without": ["c"]}
numfig, numfig_secnum_depth, math_number_all = True, 2, True
"""
INI = """[build]
tabs = b, a, c
notebooks = *.md */*.md
exclusions = README.md */no*.md
"""
INDEX = """Book
====

```toc
:numbered:

one/index
```
"""
ONE = r"""# Chapter
:label:`chap`

$$f_1$$

See :numref:`sec`, :numref:`fig_Net`, :numref:`tab`, :eqref:`eq_2`, :eqref:`eq_3`, :cite:`K`.

## Section

:label:`sec`

* An item $$f_2$$
:eqlabel:`eq_2`
* with $$f$$ in it

![The *net* of :citet:`K`.](../img/net.svg)
:width:`40px`
:label:`fig_Net`

:A table of :cite:`K`
:label:`tab`

| a |
|---|
| 1 |

(**$$f_3$$**)
:eqlabel:`eq_3`

```{.python .input}
#@tab a
1
```

```{.python .input}
2
```

:begin_tab:`c`
Of c.
:end_tab:
"""
TWO = """# Two

A page of one tab, [**shown**] without a list.

```{.python .input}
#@tab all
3
```

```toc
two
```
"""


def lay(project, conf=CONF):
    """Write such a project."""
    folder = project.folder
    (folder / "conf.py").open("a").write(conf)
    (folder / "config.ini").write_text(INI)
    (folder / "d2l.bib").write_text(
        "@article{K, author={Ann Ey}, title={T}, journal={J}, year={2001}}\n")
    for name in ("img", "one"):
        (folder / name).mkdir()
    (folder / "img" / "net.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    (folder / "index.md").write_text(INDEX)
    (folder / "one" / "index.md").write_text(
        ONE + "\n```toc\ntwo\nrefs\n```\n")
    (folder / "one" / "two.md").write_text(TWO.replace("```toc\ntwo\n```\n", ""))
    (folder / "one" / "refs.md").write_text(
        "```eval_rst\n.. only:: html\n\n   Works\n   =====\n```\n\n:bibliography:`../d2l.bib`\n")
    (folder / "one" / "no_page.md").write_text("```\nnever closed")
    (folder / "README.md").write_text("no page")


def test_a_project_of_the_old_builder_is_built_as_it_stands(project):
    lay(project, CONF + 'tabcells_pages = {"**": {"execution": "off"}}\n')
    done = project.build()
    assert done.returncode == 0, done.stderr
    assert not project.runs()
    page = BeautifulSoup((project.folder / "out/one/index.html").read_text("utf-8"), "html.parser")
    references = next(each for each in page.select("p") if each.text.startswith("See"))
    text = references.get_text(" ", strip=True).replace("\xa0", " ")
    assert text.startswith("See Section 1.1 , Fig. 1.1.1 , Table 1.1.1 , (1.1.1) , (1.1.3) ,")
    figure = page.select_one("figure")
    assert figure.img["alt"] == "The net of ." and "40px" in str(figure.img)
    assert figure["id"] == "fig-net"
    assert [each.text.split(")")[0] for each in page.select(".eqno")] == [
        "(1.1", "(1.1.1", "(1.1.2", "(1.1.3"]
    assert [label for label, _ in panels(str(page))] == ["Tab B", "Tab A"]
    assert "Of c." not in page.text
    two = BeautifulSoup((project.folder / "out/one/two.html").read_text("utf-8"), "html.parser")
    assert not two.select("[role=tablist]") and "Not executed here" in two.text
    assert "shown without a list" in " ".join(two.text.split())
    assert not (project.folder / "out" / "README.html").exists()


def test_labels_that_are_doubled_or_never_defined_are_named_once_and_may_be_allowed(project):
    lay(project, CONF + 'tabcells_execution = "off"\n')
    (project.folder / "one" / "two.md").write_text(
        "# Two\n:label:`sec`\n\n$$g$$\n:eqlabel:`eq_2`\n\n"
        ":numref:`none`, :ref:`none`\n:eqref:`eq_n`")
    done = project.build()
    assert done.returncode == 1
    warnings = [line.partition("WARNING: ")[2] for line in done.stderr.splitlines()
                if "WARNING" in line]
    assert sorted(warnings) == [
        "the label 'eq_2' is defined already, in one/index.md:13 [tabcells.d2l]",
        "the label 'eq_n' is never defined (it is used 1 times) [tabcells.d2l]",
        "the label 'none' is never defined (it is used 2 times) [tabcells.d2l]",
        "the label 'sec' is defined already, in one/index.md:10 [tabcells.d2l]",
    ]
    done = project.build("-D", "suppress_warnings=tabcells.d2l", out="out2", doctrees="trees2")
    assert done.returncode == 0, done.stderr


def test_each_tab_runs_in_a_folder_of_its_own_that_has_what_the_project_links(project):
    (project.folder / "conf.py").open("a").write(
        'tabcells_folder = {"links": ["data"], "start": "page"}\n')
    for name in ("data", "one"):
        (project.folder / name).mkdir()
    (project.folder / "data" / "x.txt").write_text("of the project")
    look = "import os; print(sorted(os.listdir()), os.listdir('..'), open('../data/x.txt').read())"
    project.write("```{toctree}\none/page\n```\n")
    project.write("".join(
        f"```{{code-cell}} python\n:tab: {tab}\nopen('{tab}.txt', 'w').close()\n{look}\n```\n\n"
        for tab in "ab"), name="one/page.md")
    done = project.build()
    assert done.returncode == 0, done.stderr
    html = (project.folder / "out/one/page.html").read_text("utf-8")
    for tab, (_, text) in zip("ab", panels(html), strict=True):
        assert f"['{tab}.txt']" in text and "of the project" in text
        assert "'data'" in text and "'one'" in text
    assert list(project.folder.glob("**/?.txt")) == [project.folder / "data" / "x.txt"]
    record = next((project.folder / "_build/tabcells/records").glob("*.ipynb"))
    assert list(json.loads(record.read_text())["metadata"]["tabcells"]["files"]) == ["data/x.txt"]


def test_a_link_to_what_is_not_there_ends_the_build(project):
    (project.folder / "conf.py").open("a").write('tabcells_folder = {"links": ["data"]}\n')
    project.write("Text.")
    done = project.build()
    assert done.returncode == 2
    assert "tabcells_folder: there is no 'data' in the source folder" in done.stderr

"""Whole builds of a tiny project, each in a process of its own, with two stub kernels."""
import os
import re
import subprocess
import sys
import warnings

import psutil
import pytest
from bs4 import BeautifulSoup


def cell(tab, code, *options):
    head = f":tab: {tab}\n" if tab else ""
    return f"```{{code-cell}} python\n{head}" + "".join(o + "\n" for o in options) \
        + f"\n{code}\n```\n\n"


BOTH = cell("a", "x = 'of-a'; print('first', x)") + cell("b", "x = 'of-b'; print('first', x)")


def panels(html):
    """[(label, panel text)] in page order, all tab sets."""
    soup = BeautifulSoup(html, "html.parser")
    return [(p["data-label"], p.get_text()) for p in soup.select("[role=tabpanel]")]


def alive(project):
    """{pid: command} of kernels, and of what they started, in the project's folder."""
    found = {}
    for process in psutil.process_iter():
        try:
            if process.cwd() == str(project.folder) and process.status() != "zombie" \
                    and re.search("ipykernel|sleep", " ".join(process.cmdline())):
                found[process.pid] = process.cmdline()
        except psutil.Error:
            pass
    return found


def test_own_namespaces_environments_and_order(project):
    project.write(BOTH + "between\n\n" + cell(None, "import os; print(x, os.environ['STUB'])"))
    done = project.build()
    assert done.returncode == 0, done.stderr
    shown = panels(project.html())
    assert [label for label, _ in shown] == ["Tab A", "Tab B"] * 2
    assert "first of-a" in shown[0][1] and "of-b" not in shown[0][1]
    assert "first of-b" in shown[1][1] and "of-a" not in shown[1][1]
    assert "of-a environment of a" in shown[2][1] and "of-b environment of b" in shown[3][1]
    assert "[a] cell 1 of 2" in done.stdout and "\x1b" not in done.stdout
    assert not alive(project)


def test_a_rebuild_and_a_prose_edit_execute_nothing_a_cell_edit_its_tab(project):
    project.write(BOTH)
    assert "[a] cell" in project.build().stdout
    assert "cell 1 of" not in project.build().stdout
    project.write("New prose.\n\n" + BOTH)
    assert "cell 1 of" not in project.build().stdout
    project.write(BOTH.replace("'of-a'", "'new-a'"))
    again = project.build().stdout
    assert "[a] cell 1 of 1" in again and "[b]" not in again


def test_rich_outputs_and_glue(project):
    project.write(cell("a", """from IPython.display import HTML, SVG, Image, display
import base64
display(HTML("<table><tr><td>cell-html</td></tr></table>"))
display(SVG('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>'))
display(Image(base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
 "YPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==")))
from myst_nb import glue
glue("answer", 42, display=False)""") + cell("b", "1/0", ":tags: [raises-exception]")
                  + "Glued: {glue:}`a.answer`.\n")
    done = project.build()
    assert done.returncode == 0, done.stderr
    html = project.html()
    assert "cell-html" in html and ".svg" in html and ".png" in html
    assert "ZeroDivisionError" in dict(panels(html))["Tab B"]
    assert 'text_plain">42<' in html


def test_other_builders_show_every_tab_under_its_label(project):
    project.write(BOTH)
    assert project.build(builder="text").returncode == 0
    text = (project.folder / "out" / "index.txt").read_text()
    assert text.index("Tab A") < text.index("first of-a") < text.index("Tab B") \
        < text.index("first of-b")


def test_nothing_that_sphinx_is_about_to_remove_is_used(project):
    project.write(BOTH)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for builder in ("html", "text"):
            done = project.build("-Dtabcells_execution=off", builder=builder)
            assert done.returncode == 0, done.stderr
    assert "Tab A" in project.html()
    assert [str(each.message) for each in caught if "tabcells" in each.filename] == []


def test_directives_of_sphinx_tabs_and_sphinx_design_work_beside_and_inside_ours(project):
    with (project.folder / "conf.py").open("a") as file:
        file.write('extensions.append("sphinx_design")\n')
    design = ("````{{tab-set}}\n```{{tab-item}} Tab A\n:sync: a\n\n{}\n```\n"
              "```{{tab-item}} Tab B\n:sync: b\n\nin their b\n```\n````\n\n")
    project.write('+++ {"tab": "a"}\n' + design.format("inside ours") + "+++\n\nBetween.\n\n"
                  + design.format("beside ours") + BOTH
                  + "````{tabs}\n```{group-tab} Tab A\nby hand\n```\n````\n")
    done = project.build()
    assert done.returncode == 0, done.stderr
    html = project.html()
    assert "by hand" in html and "sphinx-tabs-tab" in html
    page = BeautifulSoup(html, "html.parser")
    inside, beside = page.select(".sd-tab-set")
    assert inside.find_parent(role="tabpanel")["data-tab"] == "a" and "inside" in inside.get_text()
    assert not beside.find_parent(role="tabpanel") and "beside" in beside.get_text()
    assert [len(each.select("input + label[data-sync-id] + .sd-tab-content"))
            for each in (inside, beside)] == [2, 2]
    assert ["first of-a" in panel.get_text() for panel in page.select(
        ".tabcells > [role=tabpanel]")] == [False, True, False]


@pytest.mark.parametrize("body, words", [
    (cell("a", "print(1)\n1/0"), ["index.md:6: [tab a]", "ZeroDivisionError"]),
    (cell("b", "import time; time.sleep(60)", ":timeout: 1"), ["[tab b]", "time limit of 1 s"]),
    (cell("a", "import os; os._exit(1)"), ["[tab a]", "kernel died"]),
    (cell("z", "1"), ["index.md:6: [tab z]", "not configured"]),
    (cell("a", "1", ":tmieout: 3"), ["index.md:6: [tab a]", ":timeout:"]),
    (cell("a", "1") + ":::{note}\n" + cell("b", "2") + ":::\n", ["index.md:13:", "never runs"]),
], ids=["raises", "timeout", "dies", "unknown-tab", "misspelt", "nested"])
def test_failures_are_named_and_not_forgotten(project, body, words):
    project.write(BOTH)
    assert project.build().returncode == 0
    before = project.html()
    project.write(body)
    for _ in range(2):  # the second build changes nothing and fails again
        done = project.build()
        assert done.returncode == 2
        assert all(word in done.stderr for word in words), done.stderr
        assert not alive(project)
    assert project.html() == before


def test_every_failing_tab_is_named_and_a_missing_kernel(project):
    project.write(cell("a", "1/0") + cell("b", "print(1)"))
    (project.folder / "kernels" / "stub-b" / "kernel.json").unlink()
    done = project.build()
    assert done.returncode == 2
    assert "[tab a] the cell raised" in done.stderr
    assert "index.md:12: [tab b] kernel 'stub-b' is not installed" in done.stderr


def test_timeouts_of_project_page_and_cell(project):
    slow = cell("a", "import time; time.sleep(2); print('slept')")
    project.write(slow)
    assert project.build("-Dtabcells_timeout=1").returncode == 2
    project.write(slow, front="file_format: mystnb\ntabcells: {timeout: 30}")
    assert project.build("-Dtabcells_timeout=1").returncode == 0


def test_the_docstring_is_enough_for_a_project_of_its_own(tmp_path):
    """Its conf.py and index.md, typed off as they stand, with an installed kernel."""
    from conftest import ROOT
    from docstring import blocks
    (tmp_path / "conf.py").write_text(blocks()[0])
    (tmp_path / "index.md").write_text(blocks()[1])
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-b", "html", "-n", "-W", ".", "_build/html"],
        cwd=tmp_path, capture_output=True, text=True, timeout=120,
        env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert done.returncode == 0, done.stderr
    shown = dict(panels((tmp_path / "_build" / "html" / "index.html").read_text()))
    assert "only kernel a runs this" in shown["Tab A"]
    assert "Prose that holds for tab b alone" in shown["Tab B"]


def test_ids_are_unique_where_all_pages_are_one(project):
    (project.folder / "a").mkdir()
    for name, more in (("index", "```{toctree}\na/b\na-b\n```\n"), ("a/b", ""), ("a-b", "")):
        project.write(BOTH + more, f"{name}.md")
        file = project.folder / f"{name}.md"
        file.write_text(file.read_text().replace("# Title", f"# Title of {name.encode().hex()}"))
    done = project.build("-D", "tabcells_execution=off", builder="singlehtml")
    assert done.returncode == 0, done.stderr
    page = BeautifulSoup(project.html(), "html.parser")
    ids = [node["id"] for node in page.select("[id]")]
    assert sorted(ids) == sorted(set(ids))
    tabs = page.select(".tabcells [role=tab]")
    assert len(tabs) == 6 and all(page.find(id=tab["aria-controls"]) for tab in tabs)


def test_a_second_build_finds_no_setting_changed(project):
    project.write(BOTH)
    for changed in ("[new config]", "0 added, 0 changed"):
        done = project.build("-D", "tabcells_execution=off")
        assert done.returncode == 0, done.stderr
        assert changed in done.stdout and "has changed" not in done.stdout
        assert (project.folder / "out" / "_static" / "tabcells.js").exists()
        assert (project.folder / "out" / "_static" / "tabs.js").exists()


def test_a_page_with_tabs_has_a_row_in_the_table_of_runs(project):
    project.write(BOTH, "page.md", "file_format: mystnb\norphan: true")
    project.write("```{nb-exec-table}\n```\n")
    done = project.build()
    assert done.returncode == 0, done.stderr
    [row] = BeautifulSoup(project.html(), "html.parser").select("tbody tr")
    name, _, method, seconds, status = [entry.get_text().strip() for entry in row.select("td")]
    assert (name, method, status) == ("page", "tabcells", "\u2705") and float(seconds) > 0

"""Pages of every kind that myst-nb reads, and how myst-nb's own settings hold for them."""
import json
import re
import sys

import pytest
from bs4 import BeautifulSoup
from nbformat import v4
from test_projects import cell, panels

FRONT = "file_format: mystnb"


def set_up(project, text):
    """Add to the project's conf.py."""
    with (project.folder / "conf.py").open("a") as file:
        file.write(text)


def notebook(*cells):
    return json.dumps(v4.new_notebook(cells=[v4.new_markdown_cell("# Title"), *cells]))


def code(source, **metadata):
    return v4.new_code_cell(source, metadata=metadata, outputs=[
        v4.new_output("stream", text="from another day")])


def test_a_notebook_of_jupyter_runs_each_tab_in_its_kernel_and_errors_name_the_cell(project):
    page = project.folder / "index.ipynb"
    page.write_text(notebook(code("x = 'of-a'", tab="a"), code("print(x)"),
                             code("x", tab="a", vscode={"languageId": "python"})))
    done = project.build()
    assert done.returncode == 0, done.stderr
    assert [("of-a" in text, label) for label, text in panels(project.html())] == [
        (True, "Tab A")] * 3
    assert "another day" not in project.html()
    assert "index.ipynb:cell 2: [a] cell 1 of 3" in done.stdout
    page.write_text(notebook(code("1/0", tab="a")))
    done = project.build()
    assert done.returncode == 2 and "index.ipynb:cell 2: [tab a] the cell raised" in done.stderr


@pytest.mark.parametrize("conf, suffix, text", [
    ("source_suffix = {'.myst': 'myst-nb'}\n", ".myst",
     f"---\n{FRONT}\n---\n# Title\n\n" + cell("a", "print('one')") + cell("b", "print('two')")),
    ("import os\nimport sys\nsys.path.insert(0, os.path.dirname(__file__))\n"
     "nb_custom_formats = {'.cells': ['reader.read', {'title': '# Title'}], '.Rmd': 'a.b'}\n",
     ".cells",
     "a print('one')\nb print('two')\n"),
], ids=["suffix", "custom-format"])
def test_whatever_myst_nb_reads_is_a_page(project, conf, suffix, text):
    set_up(project, conf)
    (project.folder / "reader.py").write_text(
        "from nbformat import v4\ndef read(text, title):\n"
        "    lines = [line.split(' ', 1) for line in text.splitlines()]\n"
        "    return v4.new_notebook(cells=[v4.new_markdown_cell(title), *(\n"
        "        v4.new_code_cell(code, metadata={'tab': tab}) for tab, code in lines)])\n")
    (project.folder / f"index{suffix}").write_text(text)
    done = project.build()
    assert done.returncode == 0, done.stderr
    (_, one), (_, two) = panels(project.html())
    assert "one" in one and "two" in two and len(project.runs()) == 2


def test_pages_are_read_in_the_encoding_of_the_project(project):
    set_up(project, "source_encoding = 'latin-1'")
    project.write("")
    page = project.folder / "index.md"
    page.write_bytes((page.read_text() + cell("a", "print('é' * 2)")).encode("latin-1"))
    (project.folder / "beside.rst").write_bytes(":orphan:\n\nCafé\n====\n".encode("latin-1"))
    done = project.build()
    assert done.returncode < 2, done.stderr  # Sphinx 9 warns of such a setting
    assert "éé" in dict(panels(project.html()))["Tab A"] and len(project.runs()) == 1


@pytest.mark.parametrize("conf, front, own, runs", [
    ("nb_execution_mode = 'off'", "", "", False),
    ("nb_execution_mode = 'cache'", "mystnb: {execution_mode: 'off'}", "", False),
    ("nb_execution_mode = 'cache'", "mystnb: {execution_mode: off}", "", False),
    ("nb_execution_excludepatterns = ['ind*']", "", "cache", False),
    ("nb_execution_mode = 'auto'", "mystnb: {execution_mode: 'off'}", "cache", False),
    ("nb_execution_mode = 'cache'", "mystnb: {execution_mode: force}", "off", False),
    ("nb_execution_mode = 'auto'", "", "", True),
    ("nb_execution_mode = 'off'", "mystnb: {execution_mode: cache}", "", True),
    ("nb_execution_mode = 'off'", "", "cache", True),
])
def test_who_says_whether_a_page_is_run(project, conf, front, own, runs):
    set_up(project, f"{conf}\ntabcells_execution = {own!r}\n")
    project.write(cell("a", "print('it ' + 'ran')"), front=f"{FRONT}\n{front}")
    done = project.build(builder="dummy")
    assert done.returncode == 0, done.stderr
    assert len(project.runs()) == runs
    assert ("no record: shown without outputs" in done.stdout) != runs


@pytest.mark.parametrize("conf, front", [
    ("nb_execution_allow_errors = True", ""), ("", "mystnb: {execution_allow_errors: true}")],
    ids=["project", "page"])
def test_an_error_may_stand_in_the_page_where_myst_nb_says_so(project, conf, front):
    project.write(cell("a", "1/0") + cell("a", "print('goes', 'on')"))
    assert project.build().returncode == 2
    set_up(project, conf)
    project.write(cell("a", "1/0") + cell("a", "print('goes', 'on')"), front=f"{FRONT}\n{front}")
    done = project.build()
    assert done.returncode == 0, done.stderr
    (_, text), = panels(project.html())
    assert "ZeroDivisionError" in text and "goes on" in text
    line = (project.folder / "index.md").read_text().split("\n").index("```{code-cell} python") + 1
    assert re.findall(r"index\.md:\d+: \[tab a\] the cell raised .*", done.stdout) == [
        f"index.md:{line}: [tab a] the cell raised ZeroDivisionError: division by zero"]
    # A page that no longer allows it finds no record in which it was allowed.
    project.write(cell("a", "1/0") + cell("a", "print('goes', 'on')"),
                  front=f"{FRONT}\nmystnb: {{execution_allow_errors: false}}")
    assert project.build().returncode == 2


def test_an_included_file_with_cells_ends_the_build(project):
    (project.folder / "part.txt").write_text(cell("a", "1"))
    project.write(cell("a", "1") + "```{include} part.txt\n```\n")
    done = project.build()
    assert done.returncode == 2 and not project.runs()
    assert "index.md:12: an included file can't hold cells, and part.txt" in done.stderr


def test_an_included_file_that_gets_a_cell_ends_the_next_build(project):
    (project.folder / "part.txt").write_text("Prose.\n")
    project.write("```{include} part.txt\n```\n")
    assert project.build().returncode == 0
    (project.folder / "part.txt").write_text(cell("a", "1"))
    done = project.build()
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert "index.md:6: an included file can't hold cells, and part.txt" in done.stderr


def test_magics_and_helpers_in_plain_folders_run(project):
    (project.folder / "lib").mkdir()
    (project.folder / "lib" / "helper.py").write_text("word = 'old'\n")
    (project.folder / "sphinx").mkdir()  # named like an installed package, and none
    project.write("".join(cell("a", code) for code in (
        "%matplotlib inline\n!echo from-the-shell", "len?", "%%bash\necho from-bash",
        "%%time\nimport sphinx\nfrom lib import helper\nprint(helper.word)")))
    done = project.build()
    assert done.returncode == 0, done.stderr
    text = " ".join(text for _, text in panels(project.html()))
    assert "from-the-shell" in text and "from-bash" in text and "old" in text
    (project.folder / "lib" / "helper.py").write_text("word = 'newer'\n")
    assert project.build().returncode == 0 and "new" in project.html()


MISSPELT = "there is no setting 'tabcells_tmieout'; did you mean 'tabcells_timeout'?"


@pytest.mark.parametrize("conf, option, words", [
    ("tabcells_tmieout = 3", (), MISSPELT), ("", ("-D", "tabcells_tmieout=3"), MISSPELT),
    ("tabcells_output = 'a.b.c'", (), "tabcells_output: 'a.b.c' can't be imported (ModuleNot"),
    ("tabcells_output = 'json.x'", (), "tabcells_output: 'json.x' can't be imported (ModuleNot"),
    ("tabcells_output = 'json.__name__'", (), "tabcells_output: 'json.__name__' is no function"),
    ("nb_custom_formats = {'x.md': 'a.b'}", (), "nb_custom_formats['x.md']: 'a.b' can't be impor"),
    ("nb_custom_formats = {'.x': 3}", (), "nb_custom_formats can't be read by myst-nb: "),
    ("tabcells_kernels = 'kernel'", (), "there is no folder 'kernel' beside conf.py"),
    ("nb_metadata_key = 'nb'", (), "nb_metadata_key is 'nb'; it may be 'mystnb', since"),
    ("source_suffix = {'.md': 'markdown'}", (), "index.md:1: source_suffix gives this file to 'ma"),
])
def test_settings_that_can_not_work_end_the_build_in_words(project, conf, option, words):
    set_up(project, conf)
    project.write(cell("a", "1"))
    done = project.build(*option)
    assert done.returncode == 2 and not project.runs()
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_kernel_starts_in_an_empty_folder_where_myst_nb_says_so(project):
    set_up(project, "nb_execution_in_temp = True")
    project.write(cell("a", "import os; print('it holds', os.listdir())"))
    assert project.build().returncode == 0
    assert "it holds []" in dict(panels(project.html()))["Tab A"]
    project.write(cell("a", "import os; print('it holds', os.listdir())"),
                  front=f"{FRONT}\nmystnb: {{execution_in_temp: false}}")
    assert project.build().returncode == 0 and "conf.py" in project.html()


def test_what_a_kernel_prints_besides_its_cells_is_told_where_it_fails(project, capfd):
    for name, script in (("a", 'echo warming up >&2; exec "$0" -m ipykernel_launcher -f "$1"'),
                         ("b", "echo no such library >&2; exit 3")):
        (project.folder / "kernels" / f"stub-{name}" / "kernel.json").write_text(json.dumps(
            {"argv": ["sh", "-c", script, sys.executable, "{connection_file}"],
             "display_name": name, "language": "sh"}))
    project.write(cell("a", "1") + cell("b", "1"))
    done = project.build("-q")
    assert [run["ok"] for run in project.runs()] == [True, False]
    assert "[tab b] the kernel did not start: " in done.stderr
    assert done.stderr.endswith("\nno such library\n")
    assert "warming up" not in done.stdout + done.stderr + "".join(capfd.readouterr())


def test_what_the_projects_function_raises_names_cell_and_line(project):
    set_up(project, "import sys; sys.path.insert(0, 'project')\ntabcells_output = 'present.f'")
    (project.folder / "present.py").write_text("def f(output, where):\n    return 1 / 0\n")
    project.write(cell("a", "1"))
    done = project.build()
    assert done.returncode == 2 and re.search(
        r"index\.md:\d+: \[tab a\] present.f, which tabcells_output names, raised "
        r"ZeroDivisionError: division by zero \(present\.py:2\)", done.stderr), done.stderr


def test_a_link_defined_in_a_tab_is_one_on_the_whole_page_but_each_tab_has_its_own(project):
    project.write('Out [the e][e].\n\n+++ {"tab": "a"}\n\nIn A [the e][e], [z], [docs].\n\n'
                  '[e]: https://e.org "T"\n[docs]: https://docs-a.org\n\n'
                  '+++ {"tab": "b"}\n\nIn B [the e][e], [docs].\n\n'
                  '[z]: https://z.org\n[Docs]: https://docs-b.org\n\n+++\n\nAfter [E], [docs].\n\n'
                  "```{code-cell} python\n:tab: a\n\n1\n```\n")
    done = project.build()
    assert done.returncode == 0, done.stderr
    html = project.html()
    assert html.count('href="https://e.org" title="T"') == 4 and html.count("https://z.org") == 1
    links = [re.findall("docs-[ab].org", part) for part in re.split("<p>(?=In B|After)", html)]
    assert links == [["docs-a.org"], ["docs-b.org"], ["docs-a.org"]]
    assert html.count('role="tablist"') == 2  # the prose is one set, the cell another


def test_a_builder_that_writes_json_has_the_pages_metadata_without_ours(project):
    project.write(cell("a", "print('in', 'json')"), front=f"{FRONT}\nown: word")
    assert project.build(builder="json").returncode == 0
    page = json.loads((project.folder / "out" / "index.fjson").read_text("utf-8"))
    assert "in json" in page["body"] and page["meta"]["own"] == "word"


@pytest.mark.parametrize("above, parent", [
    ("# Title\n\n", "section"), ("```{admonition} Before\nyou read\n```\n\n# Title\n\n", "section"),
    ("```{table} Caption\n| a | b |\n|---|---|\n| 1 | 2 |\n```\n\n", "div")])
def test_the_switch_stands_below_the_pages_own_title(project, above, parent):
    sets = [cell("a", n) + cell("b", n) for n in "12"]
    (project.folder / "index.md").write_text(
        f"---\n{FRONT}\n---\n{above}{sets[0]}Text.\n\n{sets[1]}")
    assert project.build().returncode == 0
    (switch,) = BeautifulSoup(project.html(), "html.parser").select(".tabcells-switch")
    assert switch.parent.name == parent and not switch.find_parent(["table", "aside"])
    assert not switch.find_parent(class_="admonition")
    assert bool(switch.find_previous_sibling("h1")) == (parent == "section")


def test_a_word_of_the_front_matter_that_means_nothing_ends_the_build(project):
    project.write(cell("a", "1"), front=f"{FRONT}\ntabcells: {{timeuot: 5}}")
    done = project.build()
    assert done.returncode == 2
    assert "tabcells in the front matter has no 'timeuot'; it may have" in done.stderr

"""The guide on the page about tabcells, done as it says; tools/parity.py compares its twin."""
import importlib.util
import json
import re
import sys
from types import SimpleNamespace

import pytest
import yaml
from conftest import ROOT, sphinx_build
from sphinx.config import Config
from test_projects import panels

from tabcells import settings
from tabcells.__main__ import main

#: Hands each cell to bash, as bash_kernel does, but forgets everything after each.
BASH_BY_PYTHON = ("--IPKernelApp.exec_lines=get_ipython().input_transformers_cleanup.append("
                  "lambda lines: ['%%bash\\n', *lines])")
KERNELS = {"bash_kernel": ["-m", "bash_kernel", "-f", "{connection_file}"],
           "python": ["-m", "ipykernel_launcher", "-f", "{connection_file}", BASH_BY_PYTHON]}


def blocks(page, language):
    """The plain fences of this language on the page about tabcells."""
    text = (ROOT / page).read_text("utf-8")
    return [body for _, body in re.findall(
        rf"^(`{{3,}}){language}\n(.*?)^\1$", text, re.M | re.S)]


@pytest.fixture(params=KERNELS)
def book(request, tmp_path):
    """A folder with the files of the guide, and a kernel by the name of `bash`."""
    if request.param == "bash_kernel" and not importlib.util.find_spec("bash_kernel"):
        pytest.skip("bash_kernel is not installed")
    folder = tmp_path / "book"
    (folder / "kernels" / "bash").mkdir(parents=True)
    (folder / "kernels" / "bash" / "kernel.json").write_text(json.dumps({
        "argv": [sys.executable, *KERNELS[request.param]], "display_name": "Bash",
        "language": "bash"}))
    (folder / "conf.py").write_text(blocks("tabcells.md", "python")[0], "utf-8")
    return folder


def test_the_guides_files_make_the_pages_that_it_promises(book, project):
    page, _before, after = blocks("tabcells.md", "md")
    (book / "index.md").write_text(page, "utf-8")
    (book / "after.md").write_text(f"---\nfile_format: mystnb\norphan: true\n---\n# A\n\n{after}",
                                   "utf-8")
    build = ["-n", "-W", ".", "_build/html"]
    done = sphinx_build(build, book, project.environment())
    assert done.returncode == 0, done.stderr
    shown = dict(panels((book / "_build/html/index.html").read_text("utf-8")))
    assert list(shown) == ["Python", "Bash"]
    assert re.search(r"split.*\n3\n", shown["Python"], re.S)
    assert re.search(r"wc -w.*\n3\n.*Without -w, wc counts", shown["Bash"], re.S)
    shown = dict(panels((book / "_build/html/after.html").read_text("utf-8")))
    assert [label for label, text in shown.items() if "\n42\n" in text] == ["Python", "Bash"]
    assert "cell 1 of" not in sphinx_build(build, book, project.environment()).stdout


def test_the_settings_of_jupyter_book_are_those_of_conf_py():
    settings_file, *_ = blocks("tabcells.md", "yaml")
    written = yaml.safe_load(settings_file)["sphinx"]
    expected = {}
    exec(blocks("tabcells.md", "python")[0], expected)
    assert written["extra_extensions"] == expected["extensions"]
    config = Config({}, written["config"])
    settings.register(SimpleNamespace(add_config_value=config.add))
    settings.refuse_unknown(config)
    assert config.tabcells_tabs == expected["tabcells_tabs"]


@pytest.mark.parametrize("guide", ["tabcells.md", "tabcells.en.md", "tabcells/README.md"])
def test_jupyter_book_is_not_told_to_run_nothing(guide):
    """Its `execute_notebooks: off` holds for pages with tabs as well."""
    settings_file, *_ = blocks(guide, "yaml")
    assert yaml.safe_load(settings_file).keys() == {"sphinx"}


@pytest.mark.parametrize("language, meaning, remedy", [
    ("vi", "Số giây tối đa cho một ô mã", "Lưu trang dưới dạng UTF-8"),
    ("en", "Seconds that a cell may take", "Save the page as UTF-8"),
    ("fr", "Seconds that a cell may take", "Save the page as UTF-8")])
def test_the_tables_are_in_the_language_of_the_build(project, language, meaning, remedy):
    project.write("```{tabcells-settings}\n```\n\n```{tabcells-messages}\n```\n")
    done = project.build("-D", f"language={language}")
    assert done.returncode == 0, done.stderr
    assert re.search(rf"<code.*tabcells_timeout.*</code></p></td>\n<td><p><code.*300.*</code></p>"
                     rf"</td>\n<td><p>{meaning}", project.html())
    assert re.search(rf"<code.*the.*page.*UTF-8.*</code></p></td>\n<td><p>{remedy}</p>",
                     project.html())


def test_a_notebook_beside_the_pages_is_no_page(project):
    project.write("```{code-cell} python\n:tab: a\n```\n")
    assert main(["notebook", str(project.folder / "index.md"), "a"]) == 0
    done = project.build("-D", "tabcells_execution=off")
    assert done.returncode == 0, done.stderr

"""Tabs of several languages on one page, and kernels that show widgets.

The kernels of these tests speak Jupyter's protocol and print what their cells hold; none
understands the language whose name it bears.
"""
import json
import re

import pytest
from bs4 import BeautifulSoup

KERNEL = """
import sys
from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel

class Stub(Kernel):
    implementation, implementation_version, banner = "stub", "1", ""
    language_info = LANGUAGE

    def do_execute(self, code, silent, store_history=True, user_expressions=None,
                   allow_stdin=False, **options):
        if code == "stop":
            error = {"ename": "Error", "evalue": "", "traceback": ["Error in df$a", "1. ?`"]}
            self.send_response(self.iopub_socket, "error", error)
            return {"status": "error", "execution_count": self.execution_count, **error}
        if code.startswith("widget "):
            name = code.split()[1]
            state = {"_model_name": "M", "_model_module": "m", "value": "of " + name + "\\udc80"}
            self.send_response(self.iopub_socket, "comm_open", {
                "comm_id": name, "target_name": "jupyter.widget", "data": {"state": state}})
            view = {"model_id": name, "version_major": 2, "version_minor": 0}
            self.send_response(self.iopub_socket, "display_data", {
                "data": {"application/vnd.jupyter.widget-view+json": view}, "metadata": {}})
            code = "made"
        self.send_response(self.iopub_socket, "stream", {"name": "stdout", "text": code})
        return {"status": "ok", "execution_count": self.execution_count, "payload": [],
                "user_expressions": {}}

IPKernelApp.launch_instance(kernel_class=Stub)
"""


@pytest.fixture
def languages(project):
    """``languages(a=..., b=...)``: the ``language_info`` of the kernel of each tab."""
    def of(**each):
        for tab, language in each.items():
            folder = project.folder / "kernels" / f"stub-{tab}"
            (folder / "kernel.py").write_text(KERNEL.replace("LANGUAGE", repr(
                {"version": "1", "mimetype": "text/plain", "file_extension": ".x", **language})))
            (folder / "kernel.json").write_text(json.dumps({
                "argv": ["python", "{resource_dir}/kernel.py", "-f", "{connection_file}"],
                "display_name": tab, "language": language["name"]}))
        return project
    return of


def cell(tab, code, *options):
    options = "\n".join([*([f":tab: {tab}"] if tab else []), *options])
    return f"```{{code-cell}}\n{options}\n\n{code}\n```\n\n"


def lexers(project):
    """The lexer of the code of each cell of the page, in order."""
    page = BeautifulSoup(project.html(), "html.parser")
    return [re.search(r"highlight-(\S+)", str(block["class"]))[1].strip("',")
            for block in page.select(".cell_input > [class*=highlight-]")]


def test_each_tab_is_coloured_in_the_language_of_its_kernel(languages):
    project = languages(a={"name": "python", "pygments_lexer": "python3"},
                        b={"name": "R", "pygments_lexer": "r"})
    project.write(cell("a", "%matplotlib inline\nprint?") + cell("b", "df$a")
                  + cell("a", "%%writefile a.c\nint $x ?")  # nothing that a lexer knows
                  + cell("b", "stop", ":tags: [raises-exception]") + cell(None, "print(1)"))
    done = project.build()
    assert done.returncode == 0, done.stderr
    assert lexers(project) == ["ipython3", "ipython3", "r", "r", "ipython3"]
    assert "highlight-text" in BeautifulSoup(project.html(), "html.parser").select_one(
        ".traceback")["class"]


def test_a_language_without_a_lexer_is_plain_text(languages):
    project = languages(a={"name": "R"}, b={"name": "stubbish", "pygments_lexer": "stubbish-2"})
    project.write(cell("a", "df$a") + cell("b", "?$%"))
    done = project.build()
    assert done.returncode == 0, done.stderr
    assert lexers(project) == ["R", "text"]


def test_without_a_record_the_kernelspec_tells_the_language(languages):
    project = languages(a={"name": "python"}, b={"name": "bash"})
    project.write(cell("a", "!ls") + cell("b", "echo $?"))
    done = project.build("-D", "tabcells_execution=off")
    assert done.returncode == 0, done.stderr
    assert lexers(project) == ["ipython3", "bash"]
    (project.folder / "kernels" / "stub-b" / "kernel.json").unlink()
    assert project.build("-E", "-D", "tabcells_execution=off").returncode == 0
    assert lexers(project) == ["ipython3", "text"]


def test_a_page_has_the_widgets_of_all_its_kernels(languages):
    project = languages(a={"name": "python"}, b={"name": "R"})
    project.write(cell("a", "widget first") + cell("b", "widget second"))
    for _ in range(2):  # from the run, then from its record
        done = project.build("-E")
        assert done.returncode == 0, done.stderr
        page = BeautifulSoup(project.html(), "html.parser")
        [states] = page.select("script[type='application/vnd.jupyter.widget-state+json']")
        assert {name: state["state"]["value"] for name, state in
                json.loads(states.string)["state"].items()} == {
                    "first": "of first\ufffd", "second": "of second\ufffd"}
        views = page.select("script[type='application/vnd.jupyter.widget-view+json']")
        assert [json.loads(view.string)["model_id"] for view in views] == ["first", "second"]

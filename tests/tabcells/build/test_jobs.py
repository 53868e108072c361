"""Pages side by side, and kernels that take turns; stub kernels."""
import re
import signal

import pytest
from conftest import until
from test_projects import alive, cell, panels

TWO = ("-D", "tabcells_jobs=2")
#: A cell that ends once the other page's has begun; one by one they would wait for ever.
MEET = ("import pathlib, time\npathlib.Path('of-{0}').touch()\n"
        "while not pathlib.Path('of-{1}').exists(): time.sleep(.02)\n")


@pytest.fixture
def pages(project):
    """Two pages whose cells can only end side by side."""
    project.write("```{toctree}\none\ntwo\n```\n", front="title: both")
    for this, other in (("one", "two"), ("two", "one")):
        project.write(cell("a", MEET.format(this, other)), f"{this}.md")
    return project


def append(project, page, text):
    with (project.folder / f"{page}.md").open("a") as file:
        file.write(text)


def test_pages_run_side_by_side_and_each_cell_is_a_whole_line(pages):
    done = pages.build(*TWO)
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if "cell 1 of 1" in line]
    assert len(lines) == 2
    assert all(re.fullmatch(r"(one|two)\.md:6: \[a\] cell 1 of 1 \.\.\. [\d.]+ s", line)
               for line in lines)
    assert not list((pages.folder / "_build" / "tabcells").glob("running*"))


def test_the_tabs_of_a_page_never_run_side_by_side_and_every_error_is_told_in_order(pages):
    append(pages, "one", cell("b", "import os; open('tab-b', 'w').close()"))
    append(pages, "one", cell("a", "import time; time.sleep(1)\n"
                              "1/0 if not pathlib.Path('tab-b').exists() else 2"))
    append(pages, "two", cell("a", "[].pop()"))  # sooner than the other page's
    done = pages.build(*TWO)
    assert done.returncode == 2
    first, second = (done.stderr.index(name) for name in ("ZeroDivisionError", "IndexError"))
    assert first < second
    assert (pages.folder / "tab-b").exists() and not alive(pages)


def test_two_builds_of_two_jobs_run_each_cell_once(pages):
    append(pages, "one", cell("a", "while not pathlib.Path('go').exists(): time.sleep(.02)"))
    builds = [pages.start(*TWO, doctrees=f"out-trees-{i}", out=f"out-{i}") for i in (1, 2)]
    until(lambda: any("waiting for another run of the same code" in build.log.read_text()
                      for build in builds))
    (pages.folder / "go").touch()
    assert [build.wait(120) for build in builds] == [0, 0]
    assert sorted(run["docname"] for run in pages.runs()) == ["one", "two"]
    assert not list((pages.folder / "_build" / "tabcells").glob("running*"))


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 2), (signal.SIGTERM, 143)],
                         ids=lambda value: getattr(value, "name", ""))
def test_a_signal_ends_all_kernels(pages, number, code):
    for page in ("one", "two"):
        append(pages, page, cell("a", f"pathlib.Path('on-{page}').touch()\nwhile True: pass"))
    build = pages.start(*TWO)
    try:
        until(lambda: len(list(pages.folder.glob("on-*"))) == 2)
        build.send_signal(number)
        assert build.wait(120) == code, build.log.read_text()
    finally:
        build.kill()
    assert not alive(pages)


def test_a_kernel_ends_while_the_next_starts_and_before_its_first_cell(project):
    leave = """import atexit, os, pathlib, time
def another():
    own = os.readlink('/proc/self/cwd'), os.getpid(), os.getppid()
    for process in pathlib.Path('/proc').glob('[0-9]*'):
        try:
            if os.readlink(process / 'cwd') == own[0] and int(process.name) not in own[1:] \\
                    and b'ipykernel' in (process / 'cmdline').read_bytes():
                return True
        except OSError: pass
def wait():
    while not another(): time.sleep(.02)
    pathlib.Path('met').touch()
    time.sleep(1)
    pathlib.Path('ended').touch()
atexit.register(wait)"""
    project.write(cell("a", leave) + cell(
        "b", "import os; print('met', os.path.exists('met'), 'ended', os.path.exists('ended'))"))
    done = project.build()
    assert done.returncode == 0, done.stderr
    assert "met True ended True" in dict(panels(project.html()))["Tab B"]
    assert not alive(project)

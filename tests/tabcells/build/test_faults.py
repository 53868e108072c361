"""Faults, each done for real: processes killed, floods, odd pages; stub kernels."""
import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest
from bs4 import BeautifulSoup
from conftest import Project, until
from test_projects import BOTH, alive, cell, panels

MB = 1_000_000
FLOOD = {
    "lines": "for i in range(600_000): print('x' * 99)",
    "at-once": "print('x' * 60_000_000)",
    "displays": "for i in range(120): display({'text/plain': 'x' * 500_000}, raw=True)",
}
#: Runs Sphinx and tells on the last line of stderr the most memory that it took, in MB.
MEASURED = """import resource, sys; from sphinx.cmd.build import main; done = main(sys.argv[1:])
sys.stderr.write(f"\\n{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000}")
sys.exit(done)"""


def measured(project, *options):
    """A build and its peak of memory in MB; the kernels' own is not in it."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *project.arguments(*options)], cwd=project.folder.parent,
        capture_output=True, text=True, timeout=300, env=project.environment())
    assert done.returncode == 0, done.stderr[-2000:]
    return int(done.stderr.splitlines()[-1])


@pytest.fixture(scope="module")
def quiet(tmp_path_factory):
    """The memory that a build takes whose cell prints next to nothing, in MB."""
    project = Project(tmp_path_factory.mktemp("quiet"))
    project.write(cell("a", "print('x')"))
    return measured(project)


@pytest.mark.xdist_group("floods")
@pytest.mark.parametrize("kind", FLOOD)
def test_a_flood_is_cut_as_it_arrives_with_a_notice_and_bounded_memory(project, kind, quiet):
    project.write(cell("a", "from IPython.display import display\nprint('start')\n" + FLOOD[kind])
                  + cell("a", "print('next cell')"))
    peak = measured(project, "-D", f"tabcells_output_limit={MB}")
    # One message is received whole: as bytes, as text, and decoded.
    assert peak < quiet + (300 if kind == "at-once" else 100)
    assert len(project.html()) < 1.5 * MB
    first, _, rest = dict(panels(project.html()))["Tab A"].partition("Cut here: ")
    assert "start" in first and 58 <= float(rest.partition(" MB more.")[0]) <= 61
    assert "1.0 MB are kept" in rest and "next cell" in rest


@contextmanager
def building(project, mark):
    """A build whose cell has written the file ``mark`` and goes on."""
    build = project.start()
    try:
        until((project.folder / mark).exists)
        yield build
    finally:
        build.kill()
        for pid in alive(project):
            os.kill(pid, signal.SIGKILL)
        build.wait()


def private_folders(build):
    """What a build has put into its folder for temporary files, for its kernels."""
    return list(build.temporary.glob("tabcells-*"))


#: A child that ignores what can be ignored, and a cell that goes on without end.
FORK = ("import os, signal, time\n"
        "def forked():\n"
        "    if os.fork() == 0:\n"
        "        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):\n"
        "            signal.signal(number, signal.SIG_IGN)\n"
        "        time.sleep(600)\n"
        "forked()\n")
#: Two that leave the kernel's process group and session.
DAEMON = ("import os, subprocess, time\n"
          "subprocess.Popen(['sleep', '600'], start_new_session=True)\n"
          "def daemon():\n"
          "    if os.fork() == 0:\n"
          "        os.setsid()\n"
          "        if os.fork(): os._exit(0)\n"
          "        time.sleep(600)\n"
          "daemon()\n")
ENDLESS = "open('mark', 'w').close()\nwhile True: pass"


def test_a_kernel_killed_in_a_cell_is_named_and_the_next_build_is_right(project):
    project.write(BOTH + cell("a", "import os; open('mark', 'w').write(str(os.getpid()))\n"
                              "if not os.path.exists('good'): import time; time.sleep(600)"))
    with building(project, "mark") as build:
        until((project.folder / "mark").read_text)
        os.kill(int((project.folder / "mark").read_text()), signal.SIGKILL)
        assert build.wait(120) == 2
        assert "index.md:18: [tab a] the kernel died" in build.log.read_text()
        until(lambda: not alive(project))
    assert [(run["tab"], run["ok"]) for run in project.runs()] == [("a", False), ("b", True)]
    (project.folder / "good").touch()
    assert project.build().returncode == 0 and "first of-a" in project.html()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT],
                         ids=lambda n: n.name)
def test_a_killed_build_leaves_no_process_and_no_lock(project, number):
    project.write(cell("a", FORK + DAEMON + ENDLESS))
    with building(project, "mark") as build:
        until(lambda: len(alive(project)) == 4)
        assert private_folders(build)
        build.send_signal(number)
        build.wait()
        until(lambda: not alive(project))
        until(lambda: not private_folders(build))
        assert not list(project.folder.rglob("*ipc*"))
    project.write(BOTH)
    done = project.build()
    assert done.returncode == 0 and "waiting for another build" not in done.stdout
    assert "first of-a" in project.html() and "first of-b" in project.html()


@pytest.mark.parametrize("end", ["print('done')", "1/0", "os._exit(3)"])
def test_what_a_cell_starts_ends_with_its_kernel(project, end):
    project.started_kernels = True  # daemons are known by the environment that /proc tells
    project.write(cell("a", FORK + DAEMON + "open('mark', 'w').write('')\n" + end))
    done = project.build()
    assert done.returncode == (0 if "done" in end else 2), done.stderr
    assert (project.folder / "mark").exists()
    until(lambda: not alive(project))


def test_a_loop_that_heeds_no_signal_ends_at_its_time_limit(project):
    project.write(cell("a", "import signal\nfor number in (2, 15): signal.signal(number, "
                       "signal.SIG_IGN)\nwhile True: pass", ":timeout: 1"))
    done = project.build()
    assert done.returncode == 2 and "[tab a] the cell ran over its time limit" in done.stderr
    until(lambda: not alive(project))


def test_odd_outputs_are_shown_as_text_and_run_nowhere(project):
    project.write(cell("a", "import sys\nprint('</script></pre><script>alert(1)</script>"
                       "<img src=x onerror=alert(2)>&lt;')\n"
                       "print('\\x1b[31mred\\x1b[0m', bytes(range(256)))\n"
                       "print('\\u05e9\\u05dc\\u05d5\\u05dd \\u202eabc e\\u0301\\u0323')\n"
                       "'</script><script>alert(3)</script>'"))
    done = project.build()
    assert done.returncode == 0, done.stderr
    panel = BeautifulSoup(project.html(), "html.parser").select_one("[role=tabpanel]")
    outputs = panel.select_one(".cell_output")
    assert not outputs.select("script, img")
    text = outputs.get_text()
    assert "</script></pre><script>alert(1)</script><img src=x onerror=alert(2)>&lt;" in text
    assert "red" in text and "\x1b" not in text and "\\xff" in text
    assert "\u05e9\u05dc\u05d5\u05dd \u202eabc e\u0301\u0323" in text and "alert(3)" in text


def test_odd_pages_are_read(project):
    many = "".join(cell("ab"[i % 2], f"print('said', {i})") for i in range(300))
    project.write(many, "many.md")
    project.write(BOTH, "Bài một, tiếng Việt.md")
    (project.folder / "empty.md").write_text("")
    crlf = "---\nfile_format: mystnb\n---\n# Title\n\n" + cell("a", "if 1:\n\tprint('in a\\ttab')")
    (project.folder / "crlf.md").write_bytes(
        b"\xef\xbb\xbf" + crlf.replace("\n", "\r\n").encode())
    project.write("```{toctree}\nmany\nBài một, tiếng Việt\ncrlf\n```\n")
    done = project.build("-D", "suppress_warnings=toc.not_included")
    assert done.returncode == 0, done.stderr
    shown = panels((project.folder / "out" / "many.html").read_text("utf-8"))
    said = re.findall(r"said\s+(\d+)", "".join(text for _, text in shown))
    assert sorted(map(int, said)) == list(range(300)) and "[a] cell 150 of 150" in done.stdout
    assert "in a" in dict(panels((project.folder / "out" / "crlf.html").read_text()))["Tab A"]
    odd = (project.folder / "out" / "Bài một, tiếng Việt.html").read_text("utf-8")
    assert "first of-a" in dict(panels(odd))["Tab A"]


@pytest.mark.parametrize("junk", [b"", b"99999999\n", b"\0\xff" * 999],
                         ids=["empty", "pid", "junk"])
def test_lock_files_of_the_dead_hold_nothing_up(project, junk):
    cache = project.folder / "_build" / "tabcells"
    cache.mkdir(parents=True)
    for name in ("lock", "running"):
        (cache / name).write_bytes(junk)
        (cache / name).chmod(0o444)
    project.write(BOTH)
    done = project.build()
    assert done.returncode == 0 and "waiting for another build" not in done.stdout, done.stderr
    assert len(project.runs()) == 2


def test_a_build_goes_on_when_who_holds_the_lock_dies(project):
    project.write(BOTH)
    (project.folder / "_build" / "tabcells").mkdir(parents=True)
    holder = subprocess.Popen(
        [sys.executable, "-c", "import sys, time; from filelock import FileLock\n"
         "lock = FileLock(sys.argv[1]); lock.acquire(); print('held', flush=True); time.sleep(600)",
         project.folder / "_build" / "tabcells" / "running"], stdout=subprocess.PIPE)
    assert holder.stdout.readline() == b"held\n"
    build = project.start()
    try:
        until(lambda: "waiting for another build" in build.log.read_text())
        with pytest.raises(subprocess.TimeoutExpired):
            build.wait(1)
        assert not project.runs()
        holder.kill()
        build.wait(120)
    finally:
        holder.kill()
        build.kill()
    assert build.returncode == 0, build.log.read_text()
    assert [(run["tab"], run["ok"]) for run in project.runs()] == [("a", True), ("b", True)]

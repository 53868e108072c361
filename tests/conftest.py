"""Shared by all tests: the repository's root, a tiny project, a built book, a browser."""
import functools
import gettext
import importlib
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, chdir, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest import mock

import ipykernel_forks
import pytest
from _pytest.nodeid import NodeId

import tabcells

# Each worker of pytest-xdist starts as quickly as Sphinx does: before what imports nbformat.
tabcells._import_quickly("nbformat", "rfc3987_syntax")
from book import frameworks  # noqa: E402
from tabcells.page.split import split  # noqa: E402
from tools import chromium  # noqa: E402

with mock.patch.dict(os.environ, OPENBLAS_NUM_THREADS="1"):  # as many would wait for each other
    import numpy  # noqa: F401

ROOT = Path(__file__).resolve().parent.parent
#: In the path of a Python, this folder has it measure in a hurry.
HURRIED = ROOT / "tests" / "hurried"
LANGUAGES = ("vi", "en")
CHAPTER = "chapter_computational-performance"
#: ``{name: label}`` of the book's tabs, in their order.
TABS = {framework.name: framework.label for framework in frameworks.read(ROOT).values()}


def pages_with_cells(folder):
    """The names of a chapter's pages that hold cells and have a twin, in reading order."""
    contents = (folder / "index.md").read_text("utf-8").splitlines()
    names = [twin.name.removesuffix(".en.md") for twin in sorted(folder.glob("*.en.md"))
             if "```{code-cell}" in twin.read_text("utf-8")]
    return tuple(sorted((name for name in names if (folder / f"{name}.md").exists()),
                        key=lambda name: (name not in contents, contents.index(name)
                                          if name in contents else 0)))


PAGES = pages_with_cells(ROOT / CHAPTER)
#: The tabs of each page, in their order: a framework need not be on every page.
TABS_OF = {page: tuple(split((ROOT / CHAPTER / f"{page}.md").read_text("utf-8"), f"{page}.md",
                             list(TABS)).cells_of) for page in PAGES}
PAGE_TABS = [(page, tab) for page, tabs in TABS_OF.items() for tab in tabs]

BROWSER_ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
#: Milliseconds for which a test waits for what must come; a busy machine is slow.
PATIENCE = 60_000
CHROMIUM = chromium.find()
if CHROMIUM is None and os.environ.get("CI"):
    raise RuntimeError("CI must have Chromium: `make test` installs it where it is root")


#: What is wrong with the pages and e-books that the tests have built.
INVALID = pytest.StashKey[list[str]]()


class Project:
    """A Sphinx project of three files with two stub kernels: plain Python, two names.

    Its builds run in this process, and their kernels are forks of one that is ready
    (ipykernel_forks.py), unless ``own_process`` or ``started_kernels`` asks for the real thing.
    """

    own_process = started_kernels = False

    def __init__(self, folder):
        self.folder = folder
        for name in "ab":
            spec = folder / "kernels" / f"stub-{name}"
            spec.mkdir(parents=True)
            (spec / "kernel.json").write_text(
                '{"argv": ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"],'
                f'"display_name": "{name}", "language": "python",'
                f'"env": {{"STUB": "environment of {name}"}}}}')
        (folder / "conf.py").write_text(
            'extensions = ["tabcells"]\n'
            'tabcells_tabs = {n: {"label": "Tab " + n.upper(), "kernel": "stub-" + n}'
            ' for n in "ab"}\n'
            'nb_execution_mode = "off"\ntabcells_execution = "cache"\n'
            'exclude_patterns = ["out*", "_build"]\n'
            'html_last_updated_fmt = None\nmyst_enable_extensions = ["colon_fence"]\n')

    def write(self, body, name="index.md", front="file_format: mystnb"):
        (self.folder / name).write_text(f"---\n{front}\n---\n# Title\n\n{body}", "utf-8")

    def arguments(self, *options, builder="html", out="out", doctrees=None):
        """Of `sphinx-build`, started in the folder that the project's folder lies in."""
        folder = Path(self.folder.name)
        trees = ["-d", str(folder / doctrees)] if doctrees else []
        return ["-b", builder, "-n", "-W", "--keep-going", *trees, *options, str(folder),
                str(folder / out)]

    def environment(self, **env):
        """Each build is one of its own (TABCELLS_BUILD) unless ``env`` says otherwise."""
        return {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "TABCELLS_BUILD": "", **env}

    def build(self, *options, builder="html", out="out", doctrees=None, **env):
        """`sphinx-build`, here or in a process of its own: its exit code and what it printed."""
        arguments = self.arguments(*options, builder=builder, out=out, doctrees=doctrees)
        if not self.own_process:
            return sphinx_build(arguments, self.folder.parent, self.environment(**env),
                                self.started_kernels)
        return subprocess.run([sys.executable, "-m", "sphinx", *arguments], cwd=self.folder.parent,
                              capture_output=True, text=True, env=self.environment(**env))

    def start(self, *options, doctrees=None, out="out", **env):
        """The same in a process of its own, which has just begun: for what is killed, say.

        ``log`` is the file of what it prints, ``temporary`` its folder for temporary files.
        """
        if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # a job in the background hands it on
            signal.signal(signal.SIGINT, signal.default_int_handler)
        temporary = Path(tempfile.mkdtemp(dir=self.folder.parent))
        log = temporary / "log"
        with log.open("w") as file:
            process = subprocess.Popen(
                [sys.executable, "-u", "-m", "sphinx",
                 *self.arguments(*options, out=out, doctrees=doctrees)],
                cwd=self.folder.parent, stdout=file, stderr=file,
                env=self.environment(TMPDIR=str(temporary), **env))
        process.log, process.temporary = log, temporary
        return process

    def runs(self):
        """The execution log: a dict for each run of a tab, in order."""
        log = self.folder / "_build" / "tabcells" / "executions.jsonl"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []

    def describe_frameworks(self, *names):
        """What the `book` extension wants to know of each tab, and of what pip installs."""
        (self.folder / "requirements.txt").write_text("")
        (self.folder / "frameworks").mkdir()
        for name in names:
            (self.folder / "frameworks" / f"{name}.toml").write_text(
                f'order = 1\nlabel = "Stub {name}"\nkernel = "stub-{name}"\nmodule = "json"\n'
                'versions = []\npython = ["3.9", "3.99"]\npinned = []\ngpus = "[]"\n')

    def html(self, out="out"):
        return (self.folder / out / "index.html").read_text("utf-8")


def until(condition, seconds=120):
    """What ``condition()`` is once it holds: generous, since a machine may be busy."""
    end = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < end, "it never came to that"
        time.sleep(.05)
    return answer


class Survey:
    """In the place of ``kernels._ask``: for all builds of a worker this Python is asked once.

    It is asked anew where a test puts packages or hardware into its environment.
    """

    AROUND = ("PATH", "CUDA_VISIBLE_DEVICES", "PYTHONHOME", "PYTHONNOUSERSITE")

    def __init__(self, ask):
        self._ask, self._known = ask, {}
        self._around = self._environment()

    def _environment(self):
        return [os.environ.get(name) for name in self.AROUND]

    def cache_clear(self):
        self._ask.cache_clear()

    def __call__(self, python, variables, root):
        paths = os.environ.get("PYTHONPATH")
        if (python != (sys.executable,) or variables or paths not in (None, str(ROOT))
                or self._environment() != self._around):
            return self._ask(python, variables, root)
        if paths not in self._known:
            self._known[paths] = self._ask(python, variables, root)
        return self._known[paths]


def compiled_once(compile):
    """Jinja's `Environment.compile`, which remembers: half of a tiny build is that."""
    known = {}

    def stand_in(self, source, *arguments, **options):
        key = (type(self), *self.extensions, *self.filters, *self.tests, source, *arguments,
               *options.items())
        if key not in known:
            known[key] = compile(self, source, *arguments, **options)
        return known[key]

    return stand_in


@functools.cache
def stand_ins():
    """``[(place, name, stand-in)]``: what makes a build in a test's process cheap.

    No interpreter is asked ahead: the survey mostly knows its answer.
    """
    from jinja2 import Environment
    from jupyter_client.provisioning import local_provisioner

    from tabcells.run import kernels
    return [(kernels, "_ask", Survey(kernels._ask)),
            (kernels, "ask_ahead", lambda names, folder, root: None),
            (Environment, "compile", compiled_once(Environment.compile)),
            (local_provisioner, "launch_kernel", ipykernel_forks.launch_kernel)]


def sphinx_build(arguments, start, environment, started_kernels=False):
    """`sphinx-build` as if in a process of its own, without the second that starting one takes.

    :param start: the folder in which it starts
    :param started_kernels: whether kernels are started as always, and not forked
    :returns: a ``CompletedProcess``
    """
    from sphinx.builders.html import _assets
    from sphinx.cmd.build import build_main
    from sphinx.config import Config
    from sphinx.locale import translators

    out, err, path, modules = io.StringIO(), io.StringIO(), sys.path.copy(), set(sys.modules)
    replaced = stand_ins()[:-1 if started_kernels else None]
    with (ExitStack() as stack, mock.patch.dict(os.environ, environment, clear=True), chdir(start),
          mock.patch.object(sys, "dont_write_bytecode", True),
          mock.patch.object(tempfile, "tempdir", None),  # remembered; TMPDIR may be another now
          # Sphinx adds the suffixes of a project to the default of all.
          mock.patch.dict(Config.config_values["source_suffix"].default),
          redirect_stdout(out), redirect_stderr(err)):
        for place, name, stand_in in replaced:
            stack.enter_context(mock.patch.object(place, name, stand_in))
        try:
            code = build_main(arguments)
        except SystemExit as end:
            code = end.code
    # What Sphinx and conf.py leave behind in a process.
    sys.path[:] = path
    translators.clear()
    gettext._translations.clear()
    _assets._file_checksum_inner.cache_clear()
    for name in set(sys.modules) - modules:
        file = getattr(sys.modules[name], "__file__", None)
        if file and not file.startswith((sys.prefix, sys.base_prefix, str(ROOT))):
            del sys.modules[name]
    importlib.invalidate_caches()
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


#: Runs Sphinx and tells on the last line of stderr the most memory that it took, in MB. That of
#: `resource.getrusage` is no less than what the process had that has started it.
MEASURED = """import re, sys; from sphinx.cmd.build import main; done = main(sys.argv[1:])
peak = re.search(r"VmHWM:\\s*(\\d+) kB", open("/proc/self/status").read())
sys.stderr.write(f"\\n{int(peak[1]) // 1000}"); sys.exit(done)"""


def peak_memory(arguments, start, environment):
    """The most memory, in MB, that `sphinx-build` takes in a process of its own.

    That of its kernels is not in it.

    :param start: the folder in which it starts
    """
    done = subprocess.run([sys.executable, "-c", MEASURED, *arguments], cwd=start, timeout=300,
                          capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr[-2000:]
    return int(done.stderr.splitlines()[-1])


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    return Project(folder)


@pytest.fixture(scope="session")
def site():
    """The built site; `make test` builds it first."""
    folder = ROOT / "_build" / "html"
    assert (folder / "index.html").exists(), "run `make html` first"
    return folder


#: What takes longest is begun first, so that no worker has to wait for another's in the end.
LONGEST = ("tests/downloads/", "tests/browser/test_live.py", "tests/book/site/test_pdf.py",
           "tests/book/site/test_rendering.py", "tests/tabcells/build/test_faults.py",
           "tests/browser/test_access.py", "tests/tabcells/build/test_determinism.py")


def turn(item):
    """Where a test stands in the order: as many as LONGEST has, for most."""
    return next((number for number, place in enumerate(LONGEST)
                 if item.nodeid.startswith(place)), len(LONGEST))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    items.sort(key=turn)
    for item in items:
        if CHROMIUM is None and "browser" in item.fixturenames:
            item.add_marker(pytest.mark.skip(reason="no chromium on this machine"))
        # pytest-xdist 3.8 writes a test's group where pytest 9.2 no longer reads it, and a
        # group's tests would run on several workers.
        if group := getattr(item, "_nodeid", "").removeprefix(item.nodeid):
            item._id = NodeId.parse(item.nodeid + group)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session, exitstatus):
    """What the tests have built is valid, too: one run of each checker for all workers' files."""
    if hasattr(session.config, "workerinput") or exitstatus not in (
            pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        return
    import checkers
    session.config.stash[INVALID] = invalid = checkers.of_builds(
        session.config._tmp_path_factory.getbasetemp())
    if invalid:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter, config):
    if invalid := config.stash.get(INVALID, None):
        terminalreporter.section("what the tests have built is not valid", red=True)
        for message in invalid:
            terminalreporter.write_line(message)


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import expect, sync_playwright
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=BROWSER_ARGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def visit(browser):
    """``with visit(url, **context) as page``: no error, no message, no request elsewhere."""
    @contextmanager
    def visit(url, **options):
        trouble = []
        context = browser.new_context(**{"reduced_motion": "reduce", **options})
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("console", lambda m: m.type in ("error", "warning") and trouble.append(m.text))
        page.on("request", lambda r: r.url.startswith(("file:", "data:")) or trouble.append(r.url))
        page.goto(url)
        yield page
        context.close()
        assert not trouble
    return visit

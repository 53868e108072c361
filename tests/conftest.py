"""Shared by all tests: the repository's root, a tiny project, a built book, a browser."""
import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("vi", "en")
PAGES = ("async-computation", "auto-parallelism", "auto-parallelism-exercises")
CHAPTER = "chapter_computational-performance"

BROWSER_ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
if CHROMIUM is None and os.environ.get("CI"):
    raise RuntimeError("CI must have Chromium: `make test` installs it where it is root")


class Project:
    """A Sphinx project of three files with two stub kernels: plain Python, two names."""

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
            'nb_execution_mode = "off"\nexclude_patterns = ["out*", "_build"]\n'
            'html_last_updated_fmt = None\nmyst_enable_extensions = ["colon_fence"]\n')

    def write(self, body, name="index.md", front="file_format: mystnb"):
        (self.folder / name).write_text(f"---\n{front}\n---\n# Title\n\n{body}", "utf-8")

    def command(self, *options, builder="html", out="out"):
        return [sys.executable, "-m", "sphinx", "-b", builder, "-n", "-W", "--keep-going",
                *options, ".", out]

    def environment(self, **env):
        """Each build is one of its own (TABCELLS_BUILD) unless ``env`` says otherwise."""
        return {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "TABCELLS_BUILD": "", **env}

    def build(self, *options, builder="html", out="out", **env):
        """Run Sphinx in a process of its own; returns it, finished."""
        return subprocess.run(
            self.command(*options, builder=builder, out=out), cwd=self.folder,
            capture_output=True, text=True, timeout=120, env=self.environment(**env))

    def runs(self):
        """The execution log: a dict for each run of a tab, in order."""
        log = self.folder / "_build" / "tabcells" / "executions.jsonl"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []

    def html(self, out="out"):
        return (self.folder / out / "index.html").read_text("utf-8")


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


@pytest.fixture(scope="session")
def site():
    """The built site; `make test` builds it first."""
    folder = ROOT / "_build" / "html"
    assert (folder / "index.html").exists(), "run `make html` first"
    return folder


def pytest_collection_modifyitems(items):
    for item in items:
        if CHROMIUM is None and "browser" in item.fixturenames:
            item.add_marker(pytest.mark.skip(reason="no chromium on this machine"))


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=BROWSER_ARGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser):
    """``with visit(url, **context) as page``: no error, no message, no request elsewhere."""
    @contextmanager
    def visit(url, **options):
        trouble = []
        context = browser.new_context(**{"reduced_motion": "reduce", **options})
        page = context.new_page()
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("console", lambda m: m.type in ("error", "warning") and trouble.append(m.text))
        page.on("request", lambda r: r.url.startswith(("file:", "data:")) or trouble.append(r.url))
        page.goto(url)
        yield page
        context.close()
        assert not trouble
    return visit

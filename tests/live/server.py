"""`make live` in a process of its own, a tiny book for it, and a reader of what it prints."""
import hashlib
import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from urllib.parse import urlsplit

import psutil
import pytest
from conftest import PATIENCE, ROOT, Project, until
from playwright.sync_api import expect

from live.server import CLOSED


class Server:
    """The server of the built book ``site`` in ``folder``, which has frameworks and kernels.

    :param variables: of its environment, and so of its kernels'
    """

    def __init__(self, folder, site, log, **variables):
        self.log = log
        with log.open("w") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "live", "--port", "0", "--site", site], cwd=folder,
                env={**os.environ, "PYTHONPATH": str(ROOT), **variables}, stdout=file,
                stderr=file, start_new_session=True)
        self.address = until(self._printed)
        self.origin, self.token = self.address.split("/book/#token=")
        self.port = urlsplit(self.origin).port

    def _printed(self):
        assert self.process.poll() is None, self.log.read_text()
        printed = re.search(r"http://\S+", self.log.read_text())
        return printed and printed[0]

    def processes(self):
        """It, and all that it has started."""
        return [psutil.Process(self.process.pid),
                *psutil.Process(self.process.pid).children(recursive=True)]

    def kernels(self):
        return [process for process in self.processes()[1:]
                if process.status() != psutil.STATUS_ZOMBIE
                and any("ipykernel" in word for word in process.cmdline())]

    def end(self):
        """Ctrl-C, as a reader ends it."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)


@contextmanager
def serving(folder, site, log, **variables):
    server = Server(folder, site, log, **variables)
    try:
        yield server
    finally:
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(60)


#: Sets of tabs, `a` and `b`.
SETS = (("x = 6 * 7\nprint('first of a')", "print('first of b')"),
        ("print(x)", "print('x' in globals())"),
        ("1 / 0", "print('third of b')"),
        ("print('last of a')", "print('last of b')"))
#: What the published page shows under its first cell.
PUBLISHED = "first of a"


def digests(folder):
    return {path: hashlib.sha256(path.read_bytes()).digest()
            for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """A project of one page, built: an error is published, and the last cell of b is folded."""
    folder = tmp_path_factory.mktemp("live") / "project"
    folder.mkdir()
    project = Project(folder)
    project.describe_frameworks("a", "b")
    cells = ["".join(f"```{{code-cell}} python\n:tab: {tab}\n:tags: [{tag}]\n\n{code}\n```\n\n"
                     for tab, tag, code in (("a", "raises-exception", a), ("b", "hide-input", b)))
             for a, b in SETS]
    project.write("Between.\n\n".join(cells))
    done = project.build()
    assert done.returncode == 0, done.stderr
    return project


@pytest.fixture(scope="module")
def live(book):
    """The server of that book, whose files stay what they are."""
    site = book.folder / "out"
    before = digests(site)
    with serving(book.folder, site, book.folder.parent / "log") as server:
        yield server
    assert digests(site) == before


class Reader:
    """A page in which cells are run: ``panel(tab)`` and ``cell(tab, number)`` are locators."""

    def __init__(self, page):
        self.page = page

    def cell(self, tab, number):
        return self.page.locator(f"[role=tabpanel][data-tab={tab}] .cell:has(.live)").nth(number)

    def choose(self, tab):
        self.page.locator(f"[role=tab][data-tab={tab}]").first.click()

    @staticmethod
    def press(cell, name):
        cell.get_by_role("button", name=name, exact=True).click()

    @staticmethod
    def ended(cell, status, timeout=PATIENCE):
        """Wait until the cell's last run has ended like this."""
        expect(cell.locator(".live")).to_have_attribute("data-status", status, timeout=timeout)

    def run(self, cell, code=None, status="done", above=""):
        """Run a cell, of which ``above`` says what to do with those above it: what it prints."""
        if code is not None:
            if not cell.locator("textarea").count():
                self.press(cell, "Edit")
            cell.locator("textarea").fill(code)
        self.press(cell, "Run")
        if above:
            self.press(cell, above)
        self.ended(cell, status)
        return cell.locator(".live-output > div")


@contextmanager
def reading(browser, server, address=None, **options):
    """A ``Reader`` of a page, who meets no error and no request elsewhere; then its kernels end.

    :param address: of the page; without it, what the server has printed
    """
    context = browser.new_context(**{"reduced_motion": "reduce", **options})
    context.set_default_timeout(PATIENCE)
    page, trouble = context.new_page(), []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("request", lambda request: request.url.startswith(
        (server.origin, "data:", "about:")) or trouble.append(request.url))
    try:
        page.goto(address or server.address)
        yield Reader(page)
    finally:
        page.goto("about:blank")
        # At once where the browser's farewell arrives, else once the server misses the page.
        until(lambda: server.process.poll() is not None or not server.kernels(), 2 * CLOSED)
        context.close()
    assert not trouble

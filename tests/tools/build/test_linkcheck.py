"""`make linkcheck` against a server of our own: what answers, what doesn't, what is ignored."""
import os
import runpy
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from conftest import ROOT


class Answers(BaseHTTPRequestHandler):
    def do_HEAD(self):
        if self.path.startswith("/slow"):
            self.server.ending.wait()
        self.send_response(404 if self.path.startswith("/gone") else 200)
        self.end_headers()

    do_GET = do_HEAD

    def log_message(self, *words):
        pass


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as running:
        running.ending = threading.Event()
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.ending.set()
        running.shutdown()


def make_linkcheck(folder, links, settings=""):
    """`make linkcheck` for a book of one page with ``links``, by this repository's Makefile."""
    given = {name: value for name, value in runpy.run_path(str(ROOT / "conf.py")).items()
             if name.startswith("linkcheck_")}
    assert given["linkcheck_timeout"] <= 30 and given["linkcheck_retries"] <= 3
    (folder / "conf.py").write_text(
        'import os\nsuffix = ".md" if os.environ["BOOK_LANGUAGE"] == "vi" else ".en.md"\n'
        'extensions = ["myst_parser"]\nsource_suffix = {suffix: "markdown"}\n'
        'include_patterns = ["index" + suffix]\n'
        + "".join(f"{name} = {value!r}\n" for name, value in given.items()) + settings)
    for suffix in (".md", ".en.md"):
        (folder / f"index{suffix}").write_text(
            "# T\n\n" + "\n\n".join(f"[link]({link})" for link in links) + "\n")
    for name in ("Makefile", "tools", ".venv"):
        (folder / name).symlink_to(ROOT / name)
    return subprocess.run(["make", "-o", "env", "linkcheck"], cwd=folder, capture_output=True,
                          text=True, timeout=300, check=False,
                          env={**os.environ, "NO_PROXY": "127.0.0.1", "MAKEFLAGS": ""})


def test_links_that_answer_pass_in_both_languages(tmp_path, server):
    done = make_linkcheck(tmp_path, [f"{server}/a", f"{server}/b"])
    assert done.returncode == 0, done.stderr
    for language in ("vi", "en"):
        assert f"linkcheck: {language}: 2 links tried, 0 broken, 0 not tried" in done.stdout


def test_what_does_not_answer_is_named_with_file_and_line(tmp_path, server):
    done = make_linkcheck(
        tmp_path, [f"{server}/a", f"{server}/gone", f"{server}/slow", f"{server}/gone/on"],
        f"linkcheck_timeout = 5\nlinkcheck_retries = 1\nlinkcheck_ignore += ['{server}/gone/on']\n")
    assert done.returncode == 2  # make's word for a recipe that failed
    for file, language in (("index.md", "vi"), ("index.en.md", "en")):
        assert f"{file}:5: broken: {server}/gone: 404" in done.stdout
        assert f"{file}:7: timeout: {server}/slow" in done.stdout
        assert f"linkcheck: {language}: 3 links tried, 2 broken, 1 not tried" in done.stdout


def test_pages_that_cannot_be_read_are_no_success(tmp_path):
    done = make_linkcheck(tmp_path, [], "extensions = ['no_such_extension']\n")
    assert done.returncode == 2
    assert "no_such_extension" in done.stderr and "could not be read" in done.stderr

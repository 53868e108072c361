"""No way in: from another site's page in the reader's browser, by another name, from elsewhere."""
import json
import urllib.error
import urllib.request
from contextlib import contextmanager, nullcontext
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import psutil
import pytest
import websocket
from conftest import BROWSER_ARGS, CHROMIUM, PATIENCE
from playwright.sync_api import expect

from tests.live.server import book, live, reading  # noqa: F401

pytestmark = pytest.mark.xdist_group("live")

#: What a page of another site tries; `target` is the server, `kernel` the id of a kernel that runs.
ATTACK = """async ({ target, kernel, token }) => {
  const seen = {};
  const attempt = async (name, work) => {
    seen[name] = await work().catch((error) => error.name);
  };
  const read = async (path, options) => {
    const response = await fetch(target + path, options);
    return response.type === "opaque" ? "opaque" : response.text();
  };
  const post = { method: "POST", credentials: "include", body: JSON.stringify({ name: "en.a" }) };
  await attempt("page", () => read("/book/", { credentials: "include" }));
  await attempt("kernels", () => read("/api/kernels", { credentials: "include" }));
  await attempt("start", () => read("/api/kernels", post));
  await attempt("start blindly", () => read("/api/kernels", { ...post, mode: "no-cors" }));
  const xsrf = (document.cookie.match(/_xsrf=([^;]*)/) || ["", ""])[1];
  await attempt("start by a cookie", () => read("/api/kernels", { ...post, mode: "no-cors",
    body: new URLSearchParams({ _xsrf: xsrf }) }));
  await attempt("end blindly", () => read(`/api/kernels/${kernel}`, {
    method: "DELETE", credentials: "include" }));
  const socket = (query) => () => new Promise((resolve) => {
    const channel = new WebSocket(target.replace("http", "ws")
      + `/api/kernels/${kernel}/channels?session_id=x${query}`);
    channel.onclose = () => resolve("closed");
    channel.onopen = () => {
      channel.send(JSON.stringify({ channel: "shell", metadata: {}, parent_header: {},
        content: { code: "stolen = 1", silent: false },
        header: { msg_id: "1", msg_type: "execute_request", session: "x", username: "",
                  version: "5.3" } }));
      resolve("open");
    };
  });
  await attempt("socket", socket(""));
  if (token) {
    const known = { headers: { Authorization: `token ${token}` } };
    await attempt("kernels by the token", () => read("/api/kernels", known));
    await attempt("start by the token", () => read("/api/kernels", { ...post, ...known }));
    await attempt("start by the address", () => read(`/api/kernels?token=${token}`,
      { ...post, mode: "no-cors" }));
    await attempt("socket by the token", socket(`&token=${token}`));
  }
  return seen;
}"""
FORM = """<form method=post enctype=text/plain target=frame action="{target}/api/kernels">
<input name='{{"name": "en.a", "x": "' value='"}}'></form><iframe name=frame></iframe>
<iframe name=page src="{target}/book/"></iframe><script src="{target}/live/token.js"></script>
<script src="{target}/live/live.js" type=module></script>"""


class Another(BaseHTTPRequestHandler):
    """A server of another site: a page, and the cookies that it is sent."""

    def __init__(self, page, cookies, *arguments):
        self.page, self.cookies = page, cookies
        super().__init__(*arguments)

    def do_GET(self):
        self.cookies.append(self.headers.get("Cookie"))
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(self.page.encode())

    def log_message(self, *_):
        pass


@contextmanager
def another_site(page):
    cookies = []
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Another, page, cookies)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port, cookies
        server.shutdown()


def ask(live, path="/api/kernels", data=None, headers=None, token=""):
    """The status and the body that a program gets from the server."""
    request = urllib.request.Request(
        live.origin + path, data=data and json.dumps(data).encode(),
        headers={**(headers or {}), **({"Authorization": f"token {token}"} if token else {})})
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def kernels(live):
    status, body = ask(live, token=live.token)
    assert status == 200
    return json.loads(body)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize("knows", [False, True], ids=["without the token", "even with it"])
def test_a_page_of_another_port_starts_nothing_ends_nothing_and_sees_nothing(
        live, browser, host, knows):
    with reading(browser, live) as reader:
        first = reader.cell("a", 0)
        reader.run(first, "mine = 1")
        (kernel,) = kernels(live)
        with another_site(FORM.format(target=live.origin)) as (port, cookies):
            page = reader.page.context.new_page()
            page.goto(f"http://{host}:{port}/")
            seen = page.evaluate(ATTACK, {"target": live.origin, "kernel": kernel["id"],
                                          "token": live.token if knows else ""})
            with page.expect_response(lambda response: response.request.method == "POST") as sent:
                page.evaluate("document.forms[0].submit()")
            assert sent.value.status in (403, 404)
            framed = page.frame("page")
            assert "first of a" not in framed.content() and "chrome-error" in framed.url
            assert page.evaluate("localStorage.length + document.cookie.length") == 0
            page.close()
        assert cookies and not any(cookies)
        assert len(seen) == (11 if knows else 7)
        assert set(seen.values()) <= {"TypeError", "opaque", "closed"}, seen
        (still,) = kernels(live)
        assert still["id"] == kernel["id"]
        output = reader.run(first, "print(mine, 'stolen' in globals())")
        assert output.inner_text().strip() == "1 False"


def test_a_name_that_leads_here_is_refused(live, browser):
    bound = browser.browser_type.launch(executable_path=CHROMIUM, args=[
        *BROWSER_ARGS, "--host-resolver-rules=MAP rebound.example 127.0.0.1"])
    try:
        page = bound.new_page()
        page.set_default_timeout(PATIENCE)
        answer = page.goto(f"http://rebound.example:{live.port}/book/#token={live.token}")
        assert answer.status == 403
        expect(page.locator("body")).not_to_contain_text("first of a")
        status = """([path, token]) => fetch(path, {
            headers: token ? {Authorization: `token ${token}`} : {},
        }).then(answer => answer.status)"""
        for token in ("", live.token):
            for path in ("/api/kernels", "/book/index.html", "/live/live.js"):
                assert page.evaluate(status, [path, token]) == 403
    finally:
        bound.close()


@pytest.mark.parametrize("host, status", [
    ("127.0.0.1:{port}", 200), ("localhost:{port}", 200), ("evil.example", 403),
    ("127.0.0.1.evil.example:{port}", 403), ("192.0.2.1", 403)])
def test_only_this_machines_own_names_are_answered(live, host, status):
    headers = {"Host": host.format(port=live.port)}
    assert ask(live, headers=headers, token=live.token)[0] == status
    assert ask(live, "/book/", headers=headers)[0] == status


@pytest.mark.parametrize("origin, status", [
    (None, 200), ("{own}", 200), ("http://127.0.0.1:1", 404), ("null", 404),
    ("http://evil.example", 404)])
def test_the_token_opens_from_this_servers_pages_alone(live, origin, status):
    headers = {} if origin is None else {"Origin": origin.format(own=live.origin)}
    assert ask(live, headers=headers, token=live.token)[0] == status
    assert ask(live, headers=headers)[0] == 403
    assert ask(live, headers=headers, token=live.token[:-1])[0] == 403
    output = {"type": "text/latex", "source": "x"}
    assert ask(live, "/live/markup", output, headers, live.token)[0] == status
    assert ask(live, "/live/markup", output, headers)[0] in (403, 404)


@pytest.mark.parametrize("kind", ["text/markdown", "text/latex"])
def test_an_output_that_is_no_text_is_refused(live, kind):
    output = {"type": kind, "source": ["x"]}
    assert ask(live, "/live/markup", output, token=live.token)[0] == 400


@pytest.mark.parametrize("origin, token, opens", [
    ("{own}", True, True), ("{own}", False, False), ("http://127.0.0.1:1", True, False),
    ("null", True, False)])
def test_so_does_a_socket(live, origin, token, opens):
    status, body = ask(live, data={"name": "en.a"}, token=live.token)
    assert status == 201
    path = f"/api/kernels/{json.loads(body)['id']}"
    address = f"{live.origin.replace('http', 'ws')}{path}/channels?session_id=x" \
        + f"&token={live.token}" * token
    refused = pytest.raises(websocket.WebSocketBadStatusException, match="403")
    with nullcontext() if opens else refused:
        websocket.create_connection(
            address, origin=origin.format(own=live.origin), timeout=60).close()
    request = urllib.request.Request(live.origin + path, method="DELETE",
                                     headers={"Authorization": f"token {live.token}"})
    urllib.request.urlopen(request, timeout=60)


def test_it_listens_on_the_loopback_address_alone_and_no_port_leads_to_a_kernel(live, browser):
    with reading(browser, live) as reader:
        reader.run(reader.cell("a", 0))
        server, *started = live.processes()
        listening = [(process.pid, *connection.laddr) for process in (server, *started)
                     for connection in process.net_connections("inet")
                     if connection.status == psutil.CONN_LISTEN]
        assert [port for pid, _, port in listening if pid == server.pid] == [live.port]
        assert {address for _, address, _ in listening} == {"127.0.0.1"}
        (kernel,) = live.kernels()
        file = Path(kernel.cmdline()[kernel.cmdline().index("-f") + 1])
        assert json.loads(file.read_text())["transport"] == "ipc"
        assert file.parent.parent.stat().st_mode & 0o077 == 0  # nobody else looks into it


@pytest.mark.parametrize("path", [
    "/api/contents", "/api/contents/index.md", "/files/index.md", "/api/terminals", "/api/sessions",
    "/api/config/x", "/login", "/nbconvert/html/x", "/api/shutdown", "/view/x", "/tree", "/lab",
    "/book/../conf.py", "/book/%2e%2e/conf.py", "/book//etc/passwd", "/live/../server.py",
    "/live/%2e%2e/server.py"])
def test_there_is_the_book_and_nothing_else(live, path):
    status, body = ask(live, path, token=live.token)
    assert status in (403, 404) and "extensions" not in body and "root:" not in body


@pytest.mark.parametrize("name", ["python3", "en.python3", "../stub-a", "en.stub-a"])
def test_a_page_starts_the_books_kernels_alone(live, name):
    assert ask(live, data={"name": name}, token=live.token)[0] >= 400
    assert not kernels(live)

"""Kernels at a real gateway on the loopback address, with stub kernels of its own."""
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import contextmanager

import psutil
import pytest
from conftest import Project, until
from test_projects import cell, panels

#: One worker starts the gateway of all these tests but one.
pytestmark = pytest.mark.xdist_group("gateway")
TOKEN = "s3cret-of-this-test"
SHOW = "import os; print(os.environ['STUB'], 'PATH' in os.environ, os.getcwd())"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Gateway:
    """A Jupyter kernel gateway in a process group of its own, with its own kernelspecs."""

    def __init__(self, folder, specs):
        self.folder = folder
        shutil.copytree(specs, folder / "kernels")
        for file in (folder / "kernels").rglob("kernel.json"):
            file.write_text(file.read_text().replace("environment of", "elsewhere,"))
        self.address = f"http://127.0.0.1:{free_port()}"
        self.log = open(folder / "log", "w")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kernel_gateway", "--KernelGatewayApp.ip=127.0.0.1",
             f"--KernelGatewayApp.port={self.address.rpartition(':')[2]}",
             "--KernelGatewayApp.port_retries=0"],
            cwd=folder, stdout=self.log, stderr=self.log, start_new_session=True,
            env={**os.environ, "JUPYTER_PATH": str(folder), "KG_AUTH_TOKEN": TOKEN})
        self.wait()

    def wait(self):
        request = urllib.request.Request(f"{self.address}/api",
                                         headers={"Authorization": f"token {TOKEN}"})

        def answers():
            assert self.process.poll() is None, (self.folder / "log").read_text()
            try:
                return urllib.request.urlopen(request, timeout=30)
            except OSError:
                return None
        until(answers)

    def kernels(self):
        return [child for child in psutil.Process(self.process.pid).children(recursive=True)
                if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]

    def stop(self, how=signal.SIGTERM):
        """End it and what it started."""
        children = self.kernels() if self.process.poll() is None else []
        self.process.send_signal(how)
        self.process.wait(120)
        for child in children:
            if child.is_running():
                child.kill()
        psutil.wait_procs(children, 120)
        self.log.close()


@contextmanager
def running(tmp_path_factory):
    kernels = Project(tmp_path_factory.mktemp("kernels")).folder / "kernels"
    server = Gateway(tmp_path_factory.mktemp("gateway"), kernels)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.stop()


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    with running(tmp_path_factory) as server:
        yield server


def build(project, address, token=TOKEN, **env):
    done = project.build("-D", f"tabcells_gateway={address}", JUPYTER_GATEWAY_AUTH_TOKEN=token,
                         **env)
    assert token not in done.stdout + done.stderr
    return done


def files_with(text, folder):
    return [path for path in folder.rglob("*")
            if path.is_file() and text.encode() in path.read_bytes()]


def test_both_kernels_run_there_with_their_helpers_and_the_token_is_nowhere(project, gateway):
    (project.folder / "helper.py").write_text("word = 'sent along'\n")
    project.write(cell("a", "from helper import word; " + SHOW + "; print(word)")
                  + cell("b", SHOW))
    done = build(project, gateway.address)
    assert done.returncode == 0, done.stderr
    shown = dict(panels(project.html()))
    assert "elsewhere, a True" in shown["Tab A"] and "sent along" in shown["Tab A"]
    assert "elsewhere, b True" in shown["Tab B"]
    assert str(project.folder) not in shown["Tab A"]
    assert [run["tab"] for run in project.runs()] == ["a", "b"]
    until(lambda: not gateway.kernels())
    assert not files_with(TOKEN, project.folder)
    assert build(project, gateway.address).returncode == 0
    assert len(project.runs()) == 2
    (project.folder / "helper.py").write_text("word = 'another'\n")
    assert build(project, gateway.address).returncode == 0
    assert [run["tab"] for run in project.runs()] == ["a", "b", "a"]
    assert "another" in dict(panels(project.html()))["Tab A"]


@pytest.fixture
def site(project):
    """A project with a site, whose next build must run a cell."""
    project.write(cell("a", "print('old')"))
    assert project.build().returncode == 0
    project.write(cell("a", "print('new')"))
    yield project
    assert "old" in project.html()


def failing(project, *words, address, **options):
    done = build(project, address, **options)
    assert done.returncode == 2
    for word in ("index.md:6: [tab a]", address, *words):
        assert word in done.stderr, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert not files_with(options.get("token", TOKEN), project.folder)


def test_a_wrong_token_is_told_and_not_printed(site, gateway):
    failing(site, "refused (401)", "JUPYTER_GATEWAY_AUTH_TOKEN", address=gateway.address,
            token="another-s3cret")


def test_an_address_where_nothing_answers(site):
    failing(site, "no answer", address=f"http://127.0.0.1:{free_port()}")


def test_a_kernel_that_the_gateway_has_not(site, gateway):
    conf = site.folder / "conf.py"
    conf.write_text(conf.read_text().replace('"stub-" + n', '"stub-only-here"'))
    failing(site, "kernel 'stub-only-here'", "unknown there (404)", address=gateway.address)


def test_a_kernel_that_dies_there_and_a_cell_that_raises(site, gateway):
    site.write(cell("a", "import os; os._exit(1)"))
    failing(site, "the kernel died", address=gateway.address)
    site.write(cell("a", "import time; time.sleep(60)", ":timeout: 1"))
    done = build(site, gateway.address)
    assert done.returncode == 2 and "time limit of 1 s" in done.stderr
    until(lambda: not gateway.kernels())


def test_a_token_in_the_address_is_refused_unseen(site):
    done = site.build("-D", f"tabcells_gateway=http://127.0.0.1:9/?token={TOKEN}")
    assert done.returncode == 2 and TOKEN not in done.stdout + done.stderr
    assert "JUPYTER_GATEWAY_AUTH_TOKEN" in done.stderr


def test_a_gateway_that_is_killed_while_a_cell_runs(site, tmp_path_factory):
    with running(tmp_path_factory) as gateway:
        flag = gateway.folder / "begun"
        site.write(cell("a", f"import time; open({str(flag)!r}, 'w').close(); time.sleep(60)"))
        process = site.start("-D", f"tabcells_gateway={gateway.address}",
                             JUPYTER_GATEWAY_AUTH_TOKEN=TOKEN)
        try:
            until(flag.exists)
            gateway.stop(signal.SIGKILL)
            code = process.wait(120)
        finally:
            process.kill()
    text = process.log.read_text()
    assert code == 2, text
    assert "index.md:6: [tab a] the kernel" in text and gateway.address in text
    assert TOKEN not in text and "Traceback" not in text

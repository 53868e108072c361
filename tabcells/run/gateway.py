"""Kernels of another machine, through a Jupyter kernel gateway or server there.

The server has kernelspecs of its own under the same names, and their packages; helpers beside
the pages are sent.  The token is read from ``JUPYTER_GATEWAY_AUTH_TOKEN``, goes into the
header of requests, and nowhere else.
"""

from __future__ import annotations

import ast
import base64
import io
import json
import os
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

import nbformat

from ..errors import RunError
from . import probe
from .execute import Runner, wait_for
from .kernels import Kernel

#: Run in a kernel elsewhere before the first cell: its helpers, and a folder to work in.
_UNPACK = """
import atexit, base64, io, os, shutil, sys, tempfile, zipfile
folder = tempfile.mkdtemp(prefix="tabcells-")
atexit.register(shutil.rmtree, folder, ignore_errors=True)
zipfile.ZipFile(io.BytesIO(base64.b64decode({data!r}))).extractall(folder)
os.chdir(folder)
sys.path.insert(0, folder)
"""

_known: dict = {}


def remote_kernel(name: str, address: str, root: str) -> Kernel:
    """Kernel ``name`` of the gateway at ``address``, asked once in a build what it is.

    :param root: the folder whose helpers the kernel is sent
    :raises RunError: the gateway does not answer, refuses, or has no such Python kernel
    """
    if (name, address) not in _known:
        try:
            _known[name, address] = _find(name, address, root)
        except RunError as error:
            _known[name, address] = error
    if isinstance(kernel := _known[name, address], RunError):
        raise kernel
    return kernel


def forget() -> None:
    """Ask again: for a new build."""
    _known.clear()


def _find(name, address, root) -> Kernel:
    from .remote import Manager, connect, kernelspec

    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc \
            or parts.query:
        raise RunError(0, "the gateway's address must be http://HOST:PORT or https://HOST:PORT, "
                          "without user, password or token: the token is read from "
                          "JUPYTER_GATEWAY_AUTH_TOKEN")
    where = f" at the gateway {address}"
    try:
        connect(address)
        spec = kernelspec(name)
    except RuntimeError as error:
        raise RunError(0, f"kernel {name!r} at the gateway {address}: {error}") from None
    if spec["language"] != "python":
        raise RunError(0, f"kernel {name!r} at the gateway {address} is not Python: it can't be "
                          "asked what machine it runs on")
    answers: list = []

    async def ask(client, helpers) -> None:
        source = Path(probe.__file__).read_text("utf-8")
        code = f"_ns = {{'__name__': 'probe'}}; exec({source!r}, _ns)"
        answers.append(await evaluate(client, code, "_ns['json'].dumps(_ns['survey']())"))

    async def send(client, helpers) -> None:
        code = _UNPACK.format(data=_packed(helpers, root))
        await evaluate(client, f"exec({code!r}, {{}})", "''")

    def start() -> Manager:
        return Manager(kernel_name=name)

    definition = {"argv": spec["argv"], "env": spec.get("env", {}), "gateway": True}

    async def survey() -> None:
        async with Runner() as runner:
            await runner.run(nbformat.v4.new_notebook(),
                             Kernel(name, "python", {}, {}, start, ask, where), (), None, root)

    wait_for(survey())
    return Kernel(name, "python", definition, json.loads(answers[0]), start, send, where)


async def evaluate(client, code, expression) -> str:
    """What ``expression``, a string, is in the kernel once ``code`` has run; shows nothing.

    :raises RuntimeError: either failed
    """
    message = client.kc.execute(code, silent=True, store_history=False,
                                user_expressions={"answer": expression})
    reply = (await client.async_wait_for_reply(message))["content"]
    answer = reply.get("user_expressions", {}).get("answer", reply)
    if answer["status"] != "ok":
        raise RuntimeError(f"{answer.get('ename')}: {answer.get('evalue')}")
    return ast.literal_eval(answer["data"]["text/plain"])


def _packed(helpers, root) -> str:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in helpers:
            archive.write(os.path.join(root, name), name)
    return base64.b64encode(content.getvalue()).decode()

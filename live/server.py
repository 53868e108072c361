"""Jupyter's server, with the book and its kernels and nothing else, for this machine alone."""

from __future__ import annotations

import asyncio
import logging
import secrets
import tempfile
from pathlib import Path
from typing import Any

from jupyter_core.utils import ensure_async
from jupyter_server.auth.identity import IdentityProvider, User
from jupyter_server.serverapp import ServerApp
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.web import RequestHandler
from traitlets.config import Config

from tabcells.run.local import SOCKET_PATH

from .kernels import BookKernels
from .pages import handlers

#: Seconds after which a kernel ends whose page is closed.
CLOSED = 300


class TokenAlone(IdentityProvider):
    """Who sends the token may start and use kernels, from pages of this server.

    Cookies let nobody in: a browser sends those of a host to each of its ports, and shows them to
    the pages there.  A token in hand is no leave to come from another site's page either.
    """

    @property
    def login_available(self) -> bool:
        return False

    @property
    def logout_available(self) -> bool:
        return False

    def get_user_cookie(self, handler: RequestHandler) -> None:
        return None

    def set_login_cookie(self, handler: RequestHandler, user: User) -> None:
        pass

    def should_check_origin(self, handler: RequestHandler) -> bool:
        return True


class Live(ServerApp):
    """Jupyter's server without what the book does not need: files, terminals, extensions."""

    default_services = ("kernels",)  # type: ignore[assignment]

    def load_config_file(self, *_: Any, **__: Any) -> None:
        """No: settings of this user's other servers might open what is closed here."""

    def migrate_config(self) -> None:
        """No: there are no settings."""

    async def cleanup_kernels(self) -> None:
        """All at once, whatever becomes of one: where one fails, Jupyter's own waits for ever."""
        kernels = self.kernel_manager
        await asyncio.gather(*(ensure_async(kernels.shutdown_kernel(kernel, now=True))
                               for kernel in kernels.list_kernel_ids()), return_exceptions=True)


def serve(root: Path, site: Path, port: int) -> None:
    """Serve until a signal ends it, and all kernels with it.

    :param root: the book's folder, which has ``frameworks`` and ``kernels``
    :param site: the folder of the built book
    :param port: where to listen, or near there if it is taken; 0: anywhere
    :raises SystemExit: no port is free
    """
    with tempfile.TemporaryDirectory(prefix="live-", ignore_cleanup_errors=True) as folder:
        app = _app(root, Path(folder), port)
        app.initialize(argv=[], find_extensions=False)
        app.web_app.add_handlers(".*$", list(handlers(site)))
        print(f"The book, live: http://{app.ip}:{app.port}/book/#token={app.identity_provider.token}"
              "\nCtrl-C ends it, and the kernels.", flush=True)
        app.start()


def _app(root: Path, folder: Path, port: int) -> Live:
    """:param folder: a private one, in which kernels start and have their sockets"""
    work, runtime = folder / "work", folder / "runtime"
    work.mkdir()
    runtime.mkdir()
    config = Config()
    config.MappingKernelManager.root_dir = str(work)
    config.MappingKernelManager.cull_idle_timeout = CLOSED
    config.MappingKernelManager.cull_interval = CLOSED // 5
    config.MappingKernelManager.cull_busy = True  # none whose page is open: cull_connected is off
    # Like this no port takes messages for a kernel, but sockets in the private folder.
    if len(bytes(runtime / f"kernel-{'x' * 36}-ipc-5")) <= SOCKET_PATH:
        config.KernelManager.transport = "ipc"
    config.BookKernels.root = root
    config.TokenAlone.token = secrets.token_urlsafe(32)
    return Live(
        config=config, log_level=logging.WARNING, root_dir=str(work), runtime_dir=str(runtime),
        ip="127.0.0.1", port=port, allow_root=True, open_browser=False, answer_yes=True,
        allow_remote_access=False, local_hostnames=["localhost"], allow_origin="",
        allow_unauthenticated_access=False, identity_provider_class=TokenAlone,
        kernel_manager_class=AsyncMappingKernelManager, kernel_spec_manager_class=BookKernels,
        default_url="/book/", no_browser_open_file=True, tornado_settings={"headers": {
            # No other page may frame a page, hold a window of it, or take its files for its own.
            "Content-Security-Policy": "frame-ancestors 'none'",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "same-origin"}})

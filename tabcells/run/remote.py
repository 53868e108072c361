"""nbclient over jupyter_server's gateway client: what the two need to work together.

Imported only where a gateway is used: jupyter_server is large.
"""

from __future__ import annotations

import asyncio
import logging
import os
from contextlib import suppress
from queue import Empty
from threading import Thread
from time import monotonic

import websocket
from jupyter_client import AsyncKernelClient
from jupyter_core.utils import ensure_async, run_sync
from jupyter_server.gateway.gateway_client import GatewayClient, gateway_request
from jupyter_server.gateway.managers import ChannelQueue, GatewayKernelClient, GatewayKernelManager
from jupyter_server.utils import url_path_join
from tornado.escape import json_decode, url_escape
from tornado.httpclient import HTTPResponse
from tornado.web import HTTPError
from traitlets import Type


def connect(address: str) -> None:
    """Let this process's requests go to the gateway at ``address``."""
    logging.getLogger("ServerApp").setLevel(logging.CRITICAL)  # what it logs is raised too
    GatewayClient.clear_instance()  # it keeps what an earlier build of this process told it
    gateway = GatewayClient.instance()
    gateway.url = address
    if gateway.connect_timeout_env not in os.environ:
        gateway.connect_timeout = 10.0


def kernelspec(name: str) -> dict:
    """The gateway's kernelspec ``name``.

    :raises RuntimeError: no answer, or no such kernel
    """
    gateway = GatewayClient.instance()
    url = url_path_join(gateway.url or "", gateway.kernelspecs_endpoint, url_escape(name))
    return json_decode(run_sync(_request)(url, method="GET").body)["spec"]


async def _request(url, **options) -> HTTPResponse:
    try:
        return await gateway_request(url, **options)
    except (HTTPError, OSError) as error:
        raise RuntimeError(_in_words(error)) from None


def _in_words(error) -> str:
    """The trouble without the server's own text, which may hold what was sent to it."""
    status = getattr(error, "status_code", None)
    if status in (401, 403):
        return (f"refused ({status}): is the token in JUPYTER_GATEWAY_AUTH_TOKEN the server's, "
                "and may it start one kernel more?")
    if status == 404 and not isinstance(error.__cause__, OSError):
        return "unknown there (404)"
    if status in (None, 404, 503, 505, 599):
        return "no answer: is the address right, and does the server run?"
    return f"the server answered with error {status}"


class Queue(ChannelQueue):
    """A channel that does not keep a core busy while it waits, and sees the kernel's end."""

    ended = False

    def put_nowait(self, message) -> None:
        if message["msg_type"] == "status" and message["content"]["execution_state"] in (
                "restarting", "dead"):  # a server starts a dead kernel again, without its state
            self.ended = True
        super().put_nowait(message)

    async def _async_get(self, timeout=None) -> dict:
        end = float("inf") if timeout is None else monotonic() + timeout
        while True:
            try:
                return self.get(block=False)
            except Empty:
                if self.response_router_finished:
                    raise RuntimeError("the connection ended") from None
                if monotonic() > end:
                    raise
                await asyncio.sleep(0.005)


class Client(GatewayKernelClient):
    """jupyter_server's client sends no token, and gives a cell 40 s between two outputs."""

    async def start_channels(self, shell=True, iopub=True, stdin=True, hb=True,
                             control=True) -> None:
        gateway = GatewayClient.instance()
        url = url_path_join(gateway.ws_url or "", gateway.kernels_endpoint,
                            url_escape(self.kernel_id), "channels")
        header = gateway.load_connection_args().get("headers", {})
        ssl = {"ca_certs": gateway.ca_certs, "certfile": gateway.client_cert,
               "keyfile": gateway.client_key}
        try:
            self.channel_socket = websocket.create_connection(
                url, timeout=gateway.connect_timeout, enable_multithread=True, sslopt=ssl,
                header=header)
        except (websocket.WebSocketException, OSError) as error:
            raise RuntimeError(f"no connection to the kernel ({type(error).__name__})") from None
        self.channel_socket.settimeout(None)
        for name in ("shell", "iopub"):
            queue = Queue(name, self.channel_socket, self.log)
            setattr(self, f"_{name}_channel", queue)
            assert self._channel_queues is not None
            self._channel_queues[name] = queue
        await ensure_async(AsyncKernelClient.start_channels(
            self, shell=shell, iopub=iopub, stdin=stdin, hb=hb, control=control))
        self.response_router = Thread(target=self._route_responses, daemon=True)
        self.response_router.start()

    def stop_channels(self) -> None:
        if self.channel_socket is not None:
            super().stop_channels()

    async def is_alive(self) -> bool:
        return not self.iopub_channel.ended and await self.parent.is_alive()


class Manager(GatewayKernelManager):
    """One kernel of the gateway.  Nothing of this machine is sent: no folder, no environment."""

    ipykernel = False  # no arguments can be added to a command line there
    client_factory = Type(klass=Client)

    async def start_kernel(self, **options) -> None:
        try:
            await super().start_kernel(kernel_name=self.kernel_name)
        except (HTTPError, OSError) as error:
            raise RuntimeError(_in_words(error)) from None

    async def is_alive(self) -> bool:
        try:
            return await super().is_alive() and self.has_kernel
        except (HTTPError, OSError):
            return False

    async def shutdown_kernel(self, now=False, restart=False) -> None:
        with suppress(HTTPError, OSError):  # the server is gone, and so is the kernel
            await super().shutdown_kernel(now=now, restart=restart)

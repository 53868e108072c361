"""Profile a block of code with the framework's own profiler.

Each context manager yields a `Recording`; its ``bars`` are there once the block is left.
"""

from __future__ import annotations

import functools
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from .trace import Bar, read_trace

ONE_THREAD = {
    "en": "torch {} records the calling thread alone: other threads have no lane here "
          "(torch 2.7 and newer record them).",
    "vi": "torch {} chỉ ghi được luồng gọi: các luồng khác không có làn ở đây (torch từ 2.7 trở "
          "lên ghi được).",
}


@dataclass
class Recording:
    """``bars``: list of `evidence.trace.Bar`, empty until the block is left."""

    bars: list[Bar] = field(default_factory=list)


#: Recordings of `mxnet_trace` that have begun and not ended.
_recording: list[Recording] = []
#: Calls that wait for their custom operator, by number.
_calls: dict[str, Callable[[], None]] = {}


def mxnet_task(name: str, work: Callable[..., Any], *arguments: Any) -> Any:
    """What ``work(*arguments)`` returns; within `mxnet_trace`, ``name`` marks its operations.

    The engine names an operation after the custom operator in which it was called, and knows no
    other mark that a trace keeps: a profiler's task or scope stays with the calling thread.  So
    the call is made in a custom operator.  Its return is waited for, its operations are not.
    """
    if not _recording:
        return work(*arguments)
    from mxnet import nd, util

    result: Future = Future()

    def call() -> None:
        try:
            result.set_result(util.use_np(work)(*arguments))  # that belongs to a thread
        except BaseException as error:  # else the engine would keep it until the next wait
            result.set_exception(error)

    number = str(id(result))
    _calls[number] = call
    nd.Custom(_nothing(), op_type=_operator(name), number=number)
    return result.result()


@functools.cache
def _operator(name: str) -> str:
    """A custom operator of that name, which makes the call that it is told."""
    from mxnet import operator

    class Call(operator.CustomOp):
        def __init__(self, number: str) -> None:
            super().__init__()
            self.number = number

        def forward(self, *arguments: Any, **options: Any) -> None:
            _calls.pop(self.number)()

    class Property(operator.CustomOpProp):
        def __init__(self, number: str) -> None:
            super().__init__(need_top_grad=False)
            self.number = number

        def create_operator(self, *arguments: Any) -> Call:
            return Call(self.number)

    operator.register(name)(Property)
    return name


@functools.cache
def _nothing() -> Any:
    """What a custom operator reads."""
    from mxnet import nd

    return nd.zeros(1)


@contextmanager
def mxnet_trace() -> Iterator[Recording]:
    """Record what MXNet's engine does for the block: an operation, a bar; a device, a lane.

    The block's work is waited for.  The process's profiler is taken over: other calls of
    ``mxnet.profiler.set_config`` would lose events, and two such blocks must not nest.
    """
    from mxnet import nd, profiler

    recording, names = Recording(), _mxnet_names()
    _nothing()
    nd.waitall()  # work of before is not of this block
    with tempfile.TemporaryDirectory() as folder:
        file = _mxnet_start(folder)
        _recording.append(recording)
        try:
            yield recording
        finally:
            _recording.remove(recording)
            nd.waitall()
            profiler.set_state("stop")
            profiler.dump(finished=False)
        recording.bars = read_trace(names + _mxnet_events(file))


@functools.cache
def _mxnet_names() -> list[dict[str, Any]]:
    """The devices' names, which MXNet writes in the first dump of a process alone."""
    from mxnet import profiler

    with tempfile.TemporaryDirectory() as folder:
        file = _mxnet_start(folder)
        profiler.set_state("stop")
        profiler.dump(finished=False)
        events = [event for event in _mxnet_events(file) if event["ph"] == "M"]
    for event in events:
        event["args"]["name"] = _device_name(event["args"]["name"], event["pid"])
    return events


def _device_name(name: str, pid: int) -> str:
    """``cpu/0`` as MXNet itself prints it, ``cpu(0)``.

    The profiler names as many CPU devices as there are cores.  The next ones share a number
    with the pinned memory of GPUs, which does not exist where there is no GPU.
    """
    from mxnet import context

    if name.startswith(("cpu pinned", "cpu shared")) and not context.num_gpus():
        return f"cpu({pid})"
    return re.sub(r"^(\w+)/(\d+)$", r"\1(\2)", name)


def _mxnet_start(folder: str) -> Path:
    from mxnet import profiler

    file = Path(folder, "mxnet.json")
    # Without a continuous dump each dump is a file with the events since the last one.
    profiler.set_config(filename=str(file), continuous_dump=False,
                        profile_imperative=True, profile_symbolic=True)
    profiler.set_state("run")
    return file


def _mxnet_events(file: Path) -> list[dict[str, Any]]:
    # From the second dump on MXNet 1.9 begins the list with a comma.
    text = re.sub(r"\[\s*,", "[", file.read_text("utf-8"), count=1)
    return json.loads(text)["traceEvents"]


@contextmanager
def torch_trace() -> Iterator[Recording]:
    """Record what all threads do for the block, and what the GPUs do.

    A lane is a thread, also one that is older than the block, or a stream of a GPU.  The
    GPUs' work is waited for.  Before torch 2.7 the calling thread alone has a lane; a line is
    printed that says so.
    """
    # The profiler would report its own start and stop on stderr; it reads this once.
    os.environ.setdefault("KINETO_LOG_LEVEL", "99")
    import torch
    from torch.profiler import ProfilerActivity, profile

    gpus = range(torch.cuda.device_count())
    activities = [ProfilerActivity.CPU] + [ProfilerActivity.CUDA] * bool(gpus)

    def synchronize() -> None:
        for gpu in gpus:
            if torch.cuda.memory_reserved(gpu):  # to wait for one that is idle would occupy it
                torch.cuda.synchronize(gpu)

    recording, all_threads = Recording(), torch_all_threads()
    if all_threads is None:
        print(ONE_THREAD[os.environ.get("BOOK_LANGUAGE", "en")].format(torch.__version__))
    synchronize()
    with profile(activities=activities, experimental_config=all_threads) as profiler:
        yield recording
        synchronize()
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "torch.json")
        profiler.export_chrome_trace(file)
        recording.bars = read_trace(file)


def torch_task(name: str, work: Callable[..., Any], *arguments: Any) -> Any:
    """What ``work(*arguments)`` returns; in a trace, ``name`` marks its operations and kernels.

    Percent-encoded: of a name that isn't ASCII the profiler writes ``unknown``.
    """
    from torch.profiler import record_function

    with record_function(quote(name, safe=" ")):
        return work(*arguments)


def torch_all_threads() -> Any:
    """What asks torch's profiler for all threads; None before torch 2.7, which can't do that."""
    from torch._C._profiler import _ExperimentalConfig

    try:
        return _ExperimentalConfig(profile_all_threads=True)
    except TypeError:
        return None

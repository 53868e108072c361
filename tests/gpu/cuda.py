"""`torch.cuda` on a machine without a GPU: executed on the CPU, checked, and timed by a model.

    with pretend(Machine(gpus=2)) as simulation:
        ...                     # code that uses torch.cuda, unchanged
    simulation.faults           # what a GPU was not bound to do in that order

A tensor's values lie on the CPU, but it says that it is on its device.  Every operator runs
at once, in the thread that calls it, so results are right; a race is reported as a fault
(`order`) and spoils nothing.  Operators that are too large to be computed on the CPU run on
shapes alone: their results are *hollow*, and a number that is read from one is NaN.

The clock that the code reads (`time.time`, `time.perf_counter`) is the simulated one of its
thread.  Threads are ordered by start and join, by `submit` and `result` of a
`ThreadPoolExecutor`, and by nothing else.  A pool's jobs go to the worker that is free first in
simulated time; to that end they run one at a time, and a job that waits for another of its pool
must do so by ``result``.

Rules of CUDA and PyTorch that are kept: work of a stream is done in order, after all that its
thread did before the call; side streams don't wait for the default stream; the current stream
belongs to a thread and a device; a copy between GPUs is ordered in the current streams of both; a
copy from or to pageable memory, and one without ``non_blocking``, is waited for; memory belongs
to the stream in which it was allocated, and freeing it waits for no other.  Not kept: streams
that share a place in PyTorch's pool of 32, kernels of one GPU that run side by side, graphs.
"""

from __future__ import annotations

import heapq
import itertools
import math
import os
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any
from unittest import mock
from weakref import WeakKeyDictionary

import torch
from torch.utils._mode_utils import no_dispatch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from .cost import Machine, Resource
from .order import Agent, Fault, Kind, Memory, Moment, Order, merge

aten = torch.ops.aten
#: They take memory and start no kernel.
ALLOCATIONS = {aten.empty, aten.empty_like, aten.empty_strided, aten.new_empty,
               aten.new_empty_strided}
#: What they cost is known before they run.
PRODUCTS = {aten.mm, aten.addmm, aten.bmm, aten.baddbmm}
#: Their indices may lie on the CPU.
INDEXED = {aten.index, aten.index_put_, aten._index_put_impl_}
#: Frames of these are not the code that is looked at.
_OURS = (str(Path(__file__).parent) + os.sep + "cuda.py", os.path.dirname(torch.__file__) + os.sep,
         os.path.dirname(threading.__file__) + os.sep)
_HOST = torch.device("cpu")

_active: Simulation | None = None


def _simulation() -> Simulation:
    if _active is None:
        raise RuntimeError("the pretended GPU is gone")
    return _active


class Block:
    """An allocation, held by all tensors that are views of it."""

    def __init__(self, simulation: Simulation, memory: Memory, hollow: bool = False) -> None:
        self.simulation, self.memory, self.hollow = simulation, memory, hollow

    def __del__(self) -> None:
        if _active is self.simulation:  # what outlives a simulation is no business of the next
            _active.order.free(self.memory, _where())


class Pretended(torch.Tensor):
    """A tensor that says it is on its device.  ``inner`` has its values, or its shape alone."""

    inner: torch.Tensor
    block: Block
    __torch_function__ = torch._C._disabled_torch_function_impl

    @staticmethod
    def __new__(cls, inner, device, block):
        self = torch.Tensor._make_wrapper_subclass(
            cls, inner.size(), strides=inner.stride(), storage_offset=inner.storage_offset(),
            dtype=inner.dtype, device=device)
        self.inner, self.block = inner, block
        return self

    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
        return _simulation().run(func, args, kwargs or {})

    def numpy(self, *args, **options):
        if self.is_cuda:
            raise TypeError(f"can't convert {self.device} device type tensor to numpy. Use "
                            "Tensor.cpu() to copy the tensor to host memory first.")
        return _simulation().read(self, lambda plain: plain.numpy(*args, **options))

    def __array__(self, dtype=None):
        return self.numpy().__array__(dtype) if dtype else self.numpy()

    def tolist(self):
        return _simulation().read(self, torch.Tensor.tolist)

    # A CPU build has nothing that chooses a GPU, which these would ask for in C++.

    def to(self, *args, **options):
        """With the index of the current device where none is named."""
        def named(value):
            is_device = isinstance(value, torch.device) or (
                isinstance(value, str) and value.startswith("cuda"))
            return _simulation().device(value) if is_device else value
        return super().to(*map(named, args), **_mapped(named, options))

    def cuda(self, device=None, non_blocking=False, **options):
        return self.to(_simulation().device(device), non_blocking=non_blocking, **options)

    def __getitem__(self, key):
        return _simulation().part(self, key)

    def __setitem__(self, key, value):
        part = self[key]
        if part.block is not self.block:
            raise NotImplementedError("writing to what other tensors choose")
        part.copy_(value) if isinstance(value, torch.Tensor) else part.fill_(value)

    def is_pinned(self, device=None):
        return self.block.memory.waits_by_itself

    def pin_memory(self, device=None):
        return torch.empty(self.shape, dtype=self.dtype, pin_memory=True).copy_(self)

    def record_stream(self, stream):
        self.block.memory.recorded.add(stream.agent.number)

    def __repr__(self, *, tensor_contents=None):
        place = f", device='{self.device}')" if self.is_cuda else ")"
        return _simulation().read(self, repr)[:-1] + place


class Stream:
    """A queue of a device."""

    def __init__(self, device=None, priority=0, *, is_default=False) -> None:
        simulation = _simulation()
        self.device = simulation.device(device)
        self.device_index, self.priority = self.device.index, priority
        self.stream_id = 0 if is_default else next(simulation.stream_numbers)
        kind = "the default stream" if is_default else f"stream {self.stream_id}"
        self.agent = Agent(f"{kind} of {self.device}", ("stream", self.device_index,
                                                        self.stream_id), is_stream=True)
        simulation.streams.append(self)

    def record_event(self, event=None):
        event = Event() if event is None else event
        event.record(self)
        return event

    def wait_event(self, event) -> None:
        event.wait(self)

    def wait_stream(self, stream) -> None:
        self.wait_event(stream.record_event())

    def synchronize(self) -> None:
        _simulation().wait_for(self.agent.moment())

    def query(self) -> bool:
        return _simulation().is_over(self.agent.moment())

    def __repr__(self) -> str:
        return f"<pretended torch.cuda.Stream: {self.agent.name}>"


class Event:
    """A point in a stream's work."""

    def __init__(self, enable_timing=False, blocking=False, interprocess=False) -> None:
        self.enable_timing = enable_timing
        self.device: torch.device | None = None
        self.moment: Moment | None = None

    def record(self, stream=None) -> None:
        simulation = _simulation()
        stream = stream or simulation.current_stream()
        if self.device not in (None, stream.device):
            raise RuntimeError(f"Event device {self.device} does not match recording stream's "
                               f"device {stream.device}.")
        self.device, self.moment = stream.device, simulation.mark(stream)

    def wait(self, stream=None) -> None:
        simulation = _simulation()
        if self.moment:  # one that was never recorded is waited for by nobody
            simulation.order_after(stream or simulation.current_stream(), self.moment)

    def synchronize(self) -> None:
        if self.moment:
            _simulation().wait_for(self.moment)

    def query(self) -> bool:
        return self.moment is None or _simulation().is_over(self.moment)

    def elapsed_time(self, end_event) -> float:
        if not (self.enable_timing and end_event.enable_timing):
            raise ValueError("Both events must be created with argument 'enable_timing=True'.")
        if not (self.moment and end_event.moment):
            raise ValueError("Both events must be recorded before calculating elapsed time.")
        if not (self.query() and end_event.query()):
            raise ValueError("Both events must be completed before calculating elapsed time.")
        return (end_event.moment.seconds - self.moment.seconds) * 1e3


@dataclass(frozen=True)
class Properties:
    """As much of `torch.cuda.get_device_properties` as a model has."""

    name: str
    major: int = 8
    minor: int = 6
    total_memory: int = 16 << 30
    multi_processor_count: int = 40


class _Mode(TorchDispatchMode):
    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # to skip it, PyTorch would import all of its compiler

    def __init__(self, simulation) -> None:
        super().__init__()
        self.simulation = simulation

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        return self.simulation.run(func, args, kwargs or {})


class _Pool:
    """The workers of a `ThreadPoolExecutor` in simulated time, by when each is free.

    Its jobs have their ``turn`` in real time: which worker is free first must not depend on
    how long this machine needs.
    """

    numbers = itertools.count(1)

    def __init__(self, workers: int) -> None:
        number = next(self.numbers)
        self.turn = threading.Lock()
        self.free = [(0.0, worker) for worker in range(workers)]
        self.lanes = [("thread", f"pool {number}", worker) for worker in range(workers)]
        self.only = Agent(f"pool {number}", self.lanes[0]) if workers == 1 else None
        self.name = f"a job of pool {number}"


class _Local(threading.local):
    """What belongs to a thread: its agent, its current device and streams, its share of cores."""

    def __init__(self) -> None:
        self.host: Agent | None = None
        self.device = 0
        self.streams: dict[int, Stream] = {}
        self.threads: int | None = None
        self.turn: threading.Lock | None = None  # of the job that runs here
        self.where = ""  # the place in the code of the operator that runs here
        self.task = ""  # the range that is open here


class Simulation:
    """A pretended machine while code runs on it; see the module.

    ``values`` False makes every new result hollow.  Operators of more than ``flops`` floating
    point operations or ``elements`` elements are not computed.  ``log`` is the work so far, as
    ``(lane, name, start, end, kind, task)``, the kinds being those of `evidence.trace`.
    """

    def __init__(self, machine: Machine, flops: float = 1e8, elements: float = 2 ** 19) -> None:
        self.machine, self.flops, self.elements, self.values = machine, flops, elements, True
        self.order = Order()
        self.log: list[tuple[tuple, str, float, float, str, str]] = []
        self.stream_numbers = itertools.count(1)
        self._lock = threading.RLock()
        self._local = _Local()
        self._all_threads = machine.cores  # what a new thread takes
        self._default_streams: dict[int, Stream] = {}
        self.streams: list[Stream] = []
        self._resources: dict[tuple, Resource] = defaultdict(Resource)
        self._pools: WeakKeyDictionary[ThreadPoolExecutor, _Pool] = WeakKeyDictionary()
        self._ends: WeakKeyDictionary[Any, Moment] = WeakKeyDictionary()

    @property
    def faults(self) -> list[Fault]:
        return self.order.faults

    # --- Hosts, devices, streams ------------------------------------------------------------

    def host(self) -> Agent:
        """The agent of this thread, or of the job that it runs."""
        if self._local.host is None:
            name = threading.current_thread().name
            self._local.host = Agent(name, ("thread", name, 0))
        return self._local.host

    def device(self, device=None) -> torch.device:
        """With an index, and one of this machine."""
        if device is None or isinstance(device, int):
            device = torch.device("cuda", self._local.device if device is None else device)
        device = torch.device(device)
        if device.type == "cuda":
            if device.index is None:
                device = torch.device("cuda", self._local.device)
            if device.index >= self.machine.gpus:
                raise RuntimeError(f"CUDA error: invalid device ordinal ({device}; the pretended "
                                   f"machine has {self.machine.gpus} GPUs)")
        return device

    def default_stream(self, device=None) -> Stream:
        index = self.device(device).index
        with self._lock:
            if index not in self._default_streams:
                self._default_streams[index] = Stream(index, is_default=True)
            return self._default_streams[index]

    def current_stream(self, device=None) -> Stream:
        device = self.device(device)
        return self._local.streams.get(device.index) or self.default_stream(device)

    def set_stream(self, stream) -> None:
        if stream is not None:
            self._local.streams[stream.device_index] = stream
            self._local.device = stream.device_index

    def set_device(self, device) -> None:
        self._exchange_device(self.device(device).index)

    def _exchange_device(self, index) -> int:
        before, self._local.device = self._local.device, index if index >= 0 else self._local.device
        return before

    def synchronize(self, device=None) -> None:
        device = self.device(device)
        for stream in list(self.streams):
            if stream.device == device:
                self.wait_for(stream.agent.moment())

    def mark(self, stream: Stream) -> Moment:
        """The moment at which all is done that the stream was given until now."""
        with self._lock:
            stream.agent.follow(self.host().moment())
            return stream.agent.moment()

    def order_after(self, stream: Stream, moment: Moment) -> None:
        with self._lock:
            stream.agent.follow(moment)

    def wait_for(self, moment: Moment) -> None:
        """The calling thread blocks until ``moment``."""
        with self._lock:
            host = self.host()
            self.order.waited(host, moment)
            host.ready += self.machine.wait

    def is_over(self, moment: Moment) -> bool:
        """Whether it is, by the clock of the calling thread; if so, the thread knows it."""
        if moment.seconds > self.host().ready:
            return False
        self.wait_for(moment)
        return True

    # --- Operators --------------------------------------------------------------------------

    def run(self, func, args, kwargs):
        """An operator of ATen, from whichever thread."""
        with self._lock:
            self._local.where = _where()
            packet = func.overloadpacket
            if packet is aten.copy_:
                return self._copy(args[0], *args[1:], **kwargs)
            if packet is aten._to_copy and kwargs.get("device") is not None:
                device = self.device(kwargs["device"])
                if device != args[0].device:
                    return self._to(args[0], device, kwargs)
            if func.is_view or packet is aten._unsafe_view:
                return self._view(func, args, kwargs)
            return self._operator(func, packet, args, kwargs)

    def _view(self, func, args, kwargs):
        """Another shape of the same memory: nothing is read, nothing takes time."""
        source = next(value for value in _leaves((args, kwargs))
                      if isinstance(value, torch.Tensor))
        block = source.block if isinstance(source, Pretended) else self._allocate(_HOST)
        result = func(*_inner(args), **_inner(kwargs))
        return _mapped(lambda value: Pretended(value, source.device, block) if isinstance(
            value, torch.Tensor) else value, result)

    def _operator(self, func, packet, args, kwargs):
        tensors = [value for value in _leaves((args, kwargs))
                   if isinstance(value, torch.Tensor)]
        device, name = self._device_of(packet, tensors, kwargs), packet.__name__
        written = _written(func, args, kwargs)
        reads = [value for value in tensors if all(value is not target for target in written)]
        hollow = self._is_hollow(packet, tensors, args, kwargs)
        pinned = bool(kwargs.get("pin_memory"))
        options = {key: value for key, value in kwargs.items() if key != "pin_memory"}
        if "device" in kwargs or (not tensors and _takes_device(func)):
            options["device"] = torch.device("meta") if hollow else _HOST
        if hollow and packet in (aten._local_scalar_dense, aten.allclose, aten.equal):
            result = math.nan if packet is aten._local_scalar_dense else False
        else:
            result = func(*_inner(args, hollow), **_inner(options, hollow))
        if written:
            for target in written:
                if isinstance(target, Pretended):
                    if target.inner.shape != target.shape:
                        raise NotImplementedError(f"{name} resizes its result")
                    target.block.hollow |= hollow
            result = None if not func._schema.returns else (
                written[0] if len(written) == 1 else tuple(written))
            outputs = written
        else:
            result = _mapped(lambda value: Pretended(value, device, self._allocate(
                device, pinned, hollow)) if isinstance(value, torch.Tensor) else value, result)
            outputs = [value for value in _leaves(result) if isinstance(value, Pretended)]
        if packet in ALLOCATIONS:
            return result
        answers = not outputs and bool(func._schema.returns)
        flops = _flops(packet, args, kwargs, result) or sum(value.numel() for value in outputs)
        size = sum(map(_bytes, (*reads, *outputs)))
        if device.type == "cuda":
            self._launch(self.current_stream(device), name, reads, outputs,
                         self.machine.on_gpu(flops, size), "kernels")
            if answers:
                self.wait_for(self.current_stream(device).agent.moment())
        else:
            self._on_host(name, reads, outputs, flops, size)
        return result

    def _device_of(self, packet, tensors, kwargs) -> torch.device:
        """Where an operator works.

        :raises RuntimeError: its tensors are on two devices (a number may come from the CPU)
        """
        if kwargs.get("device") is not None:
            return self.device(kwargs["device"])
        if not tensors:
            return _HOST
        if packet in INDEXED:
            return tensors[0].device
        devices = list(dict.fromkeys(value.device for value in tensors
                                     if value.dim() or value.is_cuda)) or [_HOST]
        if len(devices) > 1:
            detail = (f"Expected all tensors to be on the same device, but found at least two "
                      f"devices, {devices[0]} and {devices[1]}!")
            self.order.report(Kind.MIXED_DEVICES, self._local.where, f"{packet.__name__}: {detail}")
            raise RuntimeError(detail)
        return devices[0]

    def _is_hollow(self, packet, tensors, args, kwargs) -> bool:
        if any(map(_lacks_values, tensors)):
            return True
        if packet is aten._local_scalar_dense:
            return False
        if not self.values or any(value.numel() > self.elements for value in tensors):
            return True
        if not tensors and args and isinstance(args[0], (list, tuple)):
            return math.prod(args[0]) > self.elements
        return packet in PRODUCTS and _flops(packet, args, kwargs, None) > self.flops

    def _to(self, source, device, options):
        """A copy in new memory of another device."""
        non_blocking = bool(options.get("non_blocking"))
        hollow = _lacks_values(source) or not self.values
        inner = torch.empty_like(source.inner if isinstance(source, Pretended) else source,
                                 dtype=options.get("dtype"), device="meta" if hollow else "cpu")
        # PyTorch takes pinned memory for what comes from a GPU and is not waited for.
        pinned = non_blocking and device.type == "cpu"
        return self._copy(Pretended(inner, device, self._allocate(device, pinned, hollow)),
                          source, non_blocking)

    def _copy(self, target, source, non_blocking=False):
        if target.device.type == source.device.type == "cpu" and not isinstance(target, Pretended):
            return target.copy_(_inner(source))  # memory that we don't watch
        if _lacks_values(source) or _lacks_values(target) or not self.values:
            target.block.hollow = True
        else:
            target.inner.copy_(_inner(source))
        machine, size = self.machine, _bytes(target)
        here, there = source.device, target.device
        if "cuda" not in (here.type, there.type):
            self._on_host("copy_", [source], [target], 0, 2 * size)
        elif here == there:
            self._launch(self.current_stream(here), "Memcpy DtoD", [source], [target],
                         machine.on_gpu(0, 2 * size), "kernels", "copy")
        elif here.type == there.type:
            sender, receiver = self.current_stream(here), self.current_stream(there)
            self.order_after(sender, self.mark(receiver))  # the memory there is free
            self._launch(sender, "Memcpy PtoP", [source], [target], machine.over_link(size),
                         "to host", "copy")
            self.order_after(receiver, self.mark(sender))
        else:
            self._over_link(target, source, size, non_blocking)
        return target

    def _over_link(self, target, source, size, non_blocking) -> None:
        """Between the host and a GPU: the host goes on only if pinned memory lets it."""
        to_gpu = target.device.type == "cuda"
        on_gpu, on_host = (target, source) if to_gpu else (source, target)
        stream, reads = self.current_stream(on_gpu.device), [source]
        pinned = isinstance(on_host, Pretended) and on_host.is_pinned()
        waits = not (non_blocking and (pinned or to_gpu))
        if to_gpu and not pinned and non_blocking:  # the host copies it aside first
            self._on_host("copy_", [source], [], 0, 2 * size)
            reads = []
        self._launch(stream, "Memcpy HtoD" if to_gpu else "Memcpy DtoH", reads, [target],
                     self.machine.over_link(size), "to GPU" if to_gpu else "to host", "copy")
        if waits:
            self.wait_for(stream.agent.moment())

    def part(self, tensor: Pretended, key) -> Pretended:
        """``tensor[key]``: a view, or new memory where other tensors choose."""
        with self._lock, no_dispatch():
            if not any(isinstance(value, torch.Tensor) for value in _leaves(key)):
                return Pretended(tensor.inner[key], tensor.device, tensor.block)
            indices = list(key) if isinstance(key, tuple) else [key]
            if not all(isinstance(value, torch.Tensor) for value in indices):
                raise NotImplementedError(f"an index of tensors and others: {key}")
            return self.run(aten.index.Tensor, (tensor, indices), {})

    def read(self, tensor: Pretended, use: Callable[[torch.Tensor], Any]) -> Any:
        """``use`` of a plain tensor of its values, NaN where there are none.

        What lies on a GPU is copied to the host, and waited for.
        """
        with self._lock, no_dispatch():
            if tensor.is_cuda:
                tensor = self.run(aten._to_copy.default, (tensor,), {"device": _HOST})
            self._local.where = _where()
            self._on_host("read", [tensor], [], 0, 0)
            plain = tensor.inner
            if tensor.block.hollow:
                plain = torch.full(tensor.shape, math.nan)
            return use(plain)

    def _allocate(self, device, pinned=False, hollow=False) -> Block:
        where = self._local.where
        if device.type == "cuda":
            owner, place = self.current_stream(device).agent, f"memory on {device}"
            merge(owner.clock, self.host().clock)
        else:
            owner, place = self.host(), "pinned memory" if pinned else "memory of the host"
        return Block(self, self.order.allocate(place, owner, where, pinned), hollow)

    def _launch(self, stream, name, reads, writes, seconds, resource, kind="compute") -> None:
        host, agent = self.host(), stream.agent
        start, host.ready = host.ready, host.ready + self.machine.launch
        self.log.append((host.lane, f"aten::{name}", start, host.ready, "enqueue",
                         self._local.task))
        merge(agent.clock, host.clock)
        agent.ready = max(agent.ready, host.ready)
        self.order.access(agent, name, self._local.where, _memories(reads), _memories(writes))
        start, agent.ready = self._resources[resource, stream.device_index].book(
            agent.ready, seconds)
        self.log.append((agent.lane, name, start, agent.ready, kind, self._local.task))

    def _on_host(self, name, reads, writes, flops, size) -> None:
        host = self.host()
        self.order.access(host, name, self._local.where, _memories(reads), _memories(writes))
        start, host.ready = host.ready, host.ready + self.machine.on_host(
            flops, size, self.get_num_threads())
        self.log.append((host.lane, f"aten::{name}", start, host.ready,
                         "copy" if "copy" in name else "compute", self._local.task))

    @contextmanager
    def record_function(self, name) -> Iterator[None]:
        """A range of the profiler: it marks what the calling thread does and hands over."""
        around, self._local.task = self._local.task, name
        try:
            yield
        finally:
            self._local.task = around

    # --- The host's threads and clock -------------------------------------------------------

    def get_num_threads(self) -> int:
        if self._local.threads is None:
            self._local.threads = self._all_threads
        return self._local.threads

    def set_num_threads(self, count) -> None:
        """Holds for the calling thread, and for threads that ask for the first time later."""
        self._local.threads = self._all_threads = count

    def seconds(self) -> float:
        """The clock that the calling thread sees; to look takes a moment."""
        host = self.host()
        host.ready += 1e-7
        return host.ready

    def begins(self, moment: Moment, work) -> Any:
        """``work()`` in a thread that was started at ``moment``."""
        name = threading.current_thread().name
        self._local.host = Agent(name, ("thread", name, 0))
        self._local.host.follow(moment)
        with _Mode(self):
            return work()

    def submit(self, original, executor, function, /, *args, **kwargs) -> Future:
        with self._lock:
            if executor not in self._pools:
                self._pools[executor] = _Pool(executor._max_workers)
            pool = self._pools[executor]
            begun = self.host().moment()
        end: list[Moment] = []

        def job():
            pool.turn.acquire()
            self._local.turn = pool.turn
            with self._lock:
                free, worker = heapq.heappop(pool.free)
                agent = pool.only or Agent(pool.name, pool.lanes[worker])
                agent.follow(begun)
                agent.ready = max(agent.ready, free)
                of_thread, self._local.host = self._local.host, agent
            try:
                return function(*args, **kwargs)
            finally:
                with self._lock:
                    heapq.heappush(pool.free, (agent.ready, worker))
                    end.append(agent.moment())
                    self._local.host, self._local.turn = of_thread, None
                pool.turn.release()
        future = original(executor, job)
        future._pretended_end = end
        return future

    def comes_after(self, future: Future) -> None:
        """The calling thread has its result."""
        for moment in getattr(future, "_pretended_end", ()):
            with self._lock:
                self.host().follow(moment)

    # --- What the code meets in place of torch.cuda ------------------------------------------

    def replacements(self) -> Iterator[tuple[Any, str, Any]]:
        """``(owner, name, value)`` of each thing that is another while pretending."""
        cuda, gpus = torch.cuda, self.machine.gpus
        properties = Properties(self.machine.name)
        if gpus:
            yield cuda, "_lazy_init", lambda: None
            yield cuda, "is_initialized", lambda: True
        for name in ("current_stream", "default_stream", "set_stream", "set_device", "synchronize",
                     "_exchange_device"):
            yield cuda, name, getattr(self, name)
        yield cuda, "_maybe_exchange_device", self._exchange_device
        yield cuda, "device_count", lambda: gpus
        yield cuda, "is_available", lambda: gpus > 0
        yield cuda, "current_device", lambda: self.device().index
        yield cuda, "get_device_properties", lambda device=None: properties
        yield cuda, "get_device_name", lambda device=None: properties.name
        yield cuda, "get_device_capability", lambda device=None: (properties.major,
                                                                  properties.minor)
        yield cuda, "empty_cache", lambda: None
        yield cuda, "Stream", Stream
        yield cuda, "Event", Event
        yield torch.profiler, "record_function", self.record_function
        yield torch, "tensor", partial(self._tensor, torch.tensor)
        yield torch, "get_num_threads", self.get_num_threads
        yield torch, "set_num_threads", self.set_num_threads
        yield os, "cpu_count", lambda: self.machine.cores
        yield time, "time", self.seconds
        yield time, "perf_counter", self.seconds
        yield from self._threads()

    @staticmethod
    def _tensor(original, data, *, device=None, **options) -> torch.Tensor:
        tensor = original(data, **options)
        return tensor if device is None else tensor.to(device)

    def _threads(self) -> Iterator[tuple[Any, str, Any]]:
        starts, run, join = threading.Thread.start, threading.Thread.run, threading.Thread.join
        submit = ThreadPoolExecutor.submit
        begun = self._ends  # of threads: their start, then their end

        def start(thread):
            begun[thread] = self.host().moment()
            return starts(thread)

        def run_in_order(thread):
            try:
                return self.begins(begun[thread], lambda: run(thread))
            finally:
                begun[thread] = self.host().moment()

        def join_in_order(thread, timeout=None):
            join(thread, timeout)
            if not thread.is_alive() and thread in begun:
                self.host().follow(begun[thread])

        def result_of(method):
            def in_order(future, timeout=None):
                turn = None if future.done() else self._local.turn
                if turn:
                    turn.release()
                try:
                    return method(future, timeout)
                finally:
                    if turn:
                        turn.acquire()
                    self.comes_after(future)
            return in_order

        yield threading.Thread, "start", start
        yield threading.Thread, "run", run_in_order
        yield threading.Thread, "join", join_in_order
        yield ThreadPoolExecutor, "submit", lambda executor, function, /, *args, **kwargs: (
            self.submit(submit, executor, function, *args, **kwargs))
        yield Future, "result", result_of(Future.result)
        yield Future, "exception", result_of(Future.exception)


@contextmanager
def pretend(machine: Machine | None = None, **options) -> Iterator[Simulation]:
    """Code of the block, and of threads that it starts, meets a pretended `torch.cuda`.

    :param options: of `Simulation`
    """
    global _active  # noqa: PLW0603  # tensors and streams are made by the code that is looked at
    simulation = Simulation(machine or Machine(), **options)
    if _active is not None:
        raise RuntimeError("there is a pretended GPU already")
    with ExitStack() as stack:
        _active = simulation
        stack.callback(torch.set_num_threads, torch.get_num_threads())
        torch.set_num_threads(1)  # those of this machine, whatever the code believes
        for owner, name, value in simulation.replacements():
            stack.enter_context(mock.patch.object(owner, name, value))
        stack.enter_context(_Mode(simulation))
        try:
            yield simulation
        finally:
            _active = None


def _where() -> str:
    """File and line of the code that is looked at, from the innermost frame outwards."""
    frame = sys._getframe(1)
    while frame.f_back and frame.f_code.co_filename.startswith(_OURS):
        frame = frame.f_back
    return f"{os.path.basename(frame.f_code.co_filename)}:{frame.f_lineno}"


def _mapped(function, value):
    """``function`` of what the lists, tuples and dicts of an operator hold."""
    if isinstance(value, torch.Tensor):
        return function(value)
    if isinstance(value, (list, tuple)):
        return type(value)([_mapped(function, part) for part in value])
    if isinstance(value, dict):
        return {name: _mapped(function, part) for name, part in value.items()}
    return function(value)


def _leaves(value) -> list:
    leaves: list = []
    _mapped(leaves.append, value)
    return leaves


def _lacks_values(tensor) -> bool:
    return isinstance(tensor, Pretended) and tensor.block.hollow


def _inner(values, hollow=False):
    """The plain tensors in place of the pretended ones; of shapes alone if ``hollow``."""
    def inner(value):
        if not isinstance(value, torch.Tensor):
            return value
        plain = value.inner if isinstance(value, Pretended) else value
        return plain.to("meta") if hollow and not plain.is_meta else plain
    return _mapped(inner, values)


def _memories(tensors) -> list[Memory]:
    return [value.block.memory for value in tensors if isinstance(value, Pretended)]


def _bytes(tensor) -> int:
    return tensor.numel() * tensor.element_size()


@cache
def _takes_device(func) -> bool:
    return any(argument.name == "device" for argument in func._schema.arguments)


@cache
def _write_arguments(func) -> list[tuple[int, str]]:
    return [(position, argument.name) for position, argument in enumerate(func._schema.arguments)
            if argument.alias_info is not None and argument.alias_info.is_write]


def _written(func, args, kwargs) -> list[torch.Tensor]:
    """The tensors among the arguments that the operator writes."""
    values = [args[position] if position < len(args) else kwargs.get(name)
              for position, name in _write_arguments(func)]
    return [leaf for leaf in _leaves(values) if isinstance(leaf, torch.Tensor)]


def _flops(packet, args, kwargs, result) -> float:
    if packet in PRODUCTS:
        return _product_flops(packet, *(value.shape for value in args
                                        if isinstance(value, torch.Tensor)))
    formula = flop_registry.get(packet)
    return formula(*args, **kwargs, out_val=result) if formula else 0


@cache
def _product_flops(packet, *shapes) -> float:
    return flop_registry[packet].__wrapped__(*shapes)

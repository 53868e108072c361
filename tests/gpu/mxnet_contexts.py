"""MXNet with pretended GPUs: which context each operator and each copy gets.

    with pretend(gpus=2) as contexts:
        ...                     # code that uses npx.gpu, unchanged
    contexts.calls              # what the library was asked for

``gpu(i)`` is another CPU device of the same library, with a queue of its own; the code sees
``gpu(i)``.  MXNet's engine keeps the order of reads and writes by itself, so what can be wrong
is the context: the library runs an operator whose inputs lie on two CPU devices, while one
with two GPUs would refuse it or read the memory of the other.

What stands between is the library's C interface: the few functions through which contexts go
in and out are replaced by ones that translate them.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple
from unittest import mock

from mxnet._ffi._ctypes.types import TypeCode
from mxnet._ffi.function import get_global_func, list_global_func_names
from mxnet.base import _LIB

CPU, GPU = 1, 2  # as the library numbers them
#: Number of the CPU device that stands for ``gpu(0)``; nobody else uses it.
FIRST = 100
COPIES = {"_copyto", "_npi_copyto", "_np_copy"}
WAIT = "wait"


class Call(NamedTuple):
    """An operator, the contexts of its inputs and of its results; or a wait, without any."""

    name: str
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()

    @property
    def is_mixed(self) -> bool:
        """Whether it reads and writes on two devices and is no copy."""
        return self.name not in COPIES and len({*self.inputs, *self.outputs}) > 1


@dataclass
class Contexts:
    """A machine with so many GPUs, and what its library was asked for, in order.

    ``faults`` are those of the calls so far, and what others add.
    """

    gpus: int
    calls: list[Call] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._names = {get_global_func(name).handle.value: name
                       for name in list_global_func_names()}
        self._original = {name: getattr(_LIB, name) for name in (
            "MXNDArrayGetContext", "MXImperativeInvokeEx", "MXNetFuncCall",
            "MXNDArrayCreateEx", "MXNDArrayCreateEx64", "MXNDArrayWaitAll")}

    @staticmethod
    def of(calls: list[Call]) -> set[str]:
        """The contexts of all inputs and results."""
        return {context for call in calls for context in (*call.inputs, *call.outputs)}

    # --- In place of functions of the library; each returns 0, or the library's error code ---

    def MXGetGPUCount(self, count) -> int:
        count._obj.value = self.gpus
        return 0

    def MXNDArrayGetContext(self, handle, kind, number) -> int:
        code = self._original["MXNDArrayGetContext"](handle, kind, number)
        if kind._obj.value == CPU and number._obj.value >= FIRST:
            kind._obj.value, number._obj.value = GPU, number._obj.value - FIRST
        return code

    def MXNDArrayCreateEx(self, *arguments) -> int:
        return self._create("MXNDArrayCreateEx", *arguments)

    def MXNDArrayCreateEx64(self, *arguments) -> int:
        return self._create("MXNDArrayCreateEx64", *arguments)

    def _create(self, name, shape, dimensions, kind, number, *rest) -> int:
        if kind.value == GPU:
            self._known(number.value)
            kind, number = ctypes.c_int(CPU), ctypes.c_int(number.value + FIRST)
        return self._original[name](shape, dimensions, kind, number, *rest)

    def MXImperativeInvokeEx(self, operator, count, inputs, out_count, outputs, options, keys,
                             values, kinds) -> int:
        values = (ctypes.c_char_p * len(values))(*map(self._translated, values))
        given = self._contexts(inputs[:count.value])
        code = self._original["MXImperativeInvokeEx"](
            operator, count, inputs, out_count, outputs, options, keys, values, kinds)
        if not code:
            # Results that were passed in come as a cast array, new ones by reference.
            results = getattr(outputs, "_obj", outputs)
            self._record(Call(_operator_name(operator), given, self._contexts(
                results[i] for i in range(out_count._obj.value))))
        return code

    def MXNetFuncCall(self, function, values, kinds, count, result, result_kind) -> int:
        arrays = []
        for i in range(count.value):
            if kinds[i] == TypeCode.STR:
                values[i].v_str = self._translated(values[i].v_str)
            elif kinds[i] == TypeCode.NDARRAYHANDLE:
                arrays.append(values[i].v_handle)
        given = self._contexts(arrays)
        code = self._original["MXNetFuncCall"](function, values, kinds, count, result, result_kind)
        is_array = not code and result_kind._obj.value == TypeCode.NDARRAYHANDLE
        results = self._contexts([result._obj.v_handle]) if is_array else ()
        if given or results:
            self._record(Call(self._names.get(function.value, "?"), given, results))
        return code

    def MXNDArrayWaitAll(self) -> int:
        self.calls.append(Call(WAIT))
        return self._original["MXNDArrayWaitAll"]()

    def _record(self, call: Call) -> None:
        self.calls.append(call)
        if call.is_mixed:
            self.faults.append(f"two devices in one operation: {call}")

    def _contexts(self, handles) -> tuple[str, ...]:
        names = []
        for handle in handles:
            kind, number = ctypes.c_int(), ctypes.c_int()
            handle = handle if isinstance(handle, ctypes.c_void_p) else ctypes.c_void_p(handle)
            self.MXNDArrayGetContext(handle, ctypes.byref(kind), ctypes.byref(number))
            names.append(f"{'gpu' if kind.value == GPU else 'cpu'}({number.value})")
        return tuple(names)

    def _translated(self, value: bytes) -> bytes:
        """``gpu(1)`` as the library is to understand it, anything else unchanged."""
        if value and value.startswith(b"gpu(") and value.endswith(b")"):
            number = int(value[4:-1])
            self._known(number)
            return f"cpu({number + FIRST})".encode()
        return value

    def _known(self, number) -> None:
        if number >= self.gpus:
            raise ValueError(f"gpu({number}) on a pretended machine with {self.gpus} GPUs")


def _operator_name(operator) -> str:
    name = ctypes.c_char_p()
    _LIB.MXSymbolGetAtomicSymbolName(operator, ctypes.byref(name))
    return (name.value or b"?").decode()


@contextmanager
def pretend(gpus: int) -> Iterator[Contexts]:
    """Code of the block meets a library that has so many GPUs."""
    contexts = Contexts(gpus)
    with ExitStack() as stack:
        for name in ("MXGetGPUCount", *contexts._original):
            stack.enter_context(mock.patch.object(_LIB, name, getattr(contexts, name)))
        yield contexts

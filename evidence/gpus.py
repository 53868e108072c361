"""The GPUs that a framework's build has kernels for; of the others it is told why not.

A kernel for compute capability 8.0 runs on 8.6 and 8.9 as well: on the same first number and a
second one that is no smaller.  What newer cards need a build may hold as PTX, for the driver to
compile; without it the first kernel on such a card fails.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterable, Sequence
from typing import Any

#: A compute capability, as (8, 6).
Capability = tuple[int, int]

#: What MXNet's CUDA build (mxnet-cu117 1.9.1) holds kernels for.  It holds no PTX.
MXNET_KERNELS: tuple[Capability, ...] = ((5, 0), (6, 0), (7, 0), (8, 0), (8, 6))


def has_kernels(capability: Capability, kernels: Iterable[Capability],
                ptx: Iterable[Capability] = ()) -> bool:
    """Whether a build with these kernels, and this PTX, can work on a card."""
    major, minor = capability
    return any(own == major and lowest <= minor for own, lowest in kernels) or any(
        virtual <= capability for virtual in ptx)


def usable(gpus: Sequence, capability_of: Callable[[Any], Capability | None], build: str,
           kernels: Sequence[Capability], ptx: Sequence[Capability] = ()) -> list:
    """Those of ``gpus`` that the build has kernels for; a line is printed for each other one.

    :param capability_of: function of a GPU; where it returns None, the GPU is taken
    :param build: what the reader calls the build, for that line
    :param kernels: the compute capabilities for which the build has kernels; none: not known
    """
    chosen = []
    for gpu in gpus:
        capability = capability_of(gpu)
        if not kernels or capability is None or has_kernels(capability, kernels, ptx):
            chosen.append(gpu)
        else:
            has, first, last = ("{}.{}".format(*version) for version in (
                capability, min(kernels), max(kernels)))
            print(f"{gpu}: not run here (its compute capability is {has}; {build} has kernels "
                  f"for {first} to {last})")
    return chosen


def mxnet_gpus() -> list:
    """The contexts of the GPUs on which this MXNet can work."""
    import mxnet
    from mxnet import npx
    from mxnet.util import get_cuda_compute_capability

    def capability(gpu: Any) -> Capability | None:
        try:
            return divmod(get_cuda_compute_capability(gpu), 10)
        except (OSError, RuntimeError):  # the driver's library has another name here
            return told_by_the_driver(gpu.device_id)

    return usable([npx.gpu(i) for i in range(npx.num_gpus())], capability,
                  f"MXNet {mxnet.__version__}", MXNET_KERNELS)


def told_by_the_driver(number: int) -> Capability | None:
    """The capability of a GPU as `nvidia-smi` says it; None where that is not there."""
    try:
        answer = subprocess.run(
            ["nvidia-smi", "--query-gpu=compute_cap", "--format=csv,noheader", "-i", str(number)],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False).stdout
    except OSError:
        return None
    match = re.fullmatch(r"(\d+)\.(\d+)\s*", answer)
    return (int(match[1]), int(match[2])) if match else None


def torch_gpus() -> list:
    """The devices of the GPUs on which this PyTorch can work."""
    import torch

    count = torch.cuda.device_count()
    names = torch.cuda.get_arch_list() if count else []
    return usable([torch.device(f"cuda:{i}") for i in range(count)],
                  torch.cuda.get_device_capability, f"torch {torch.__version__}",
                  architectures(names, "sm"), architectures(names, "compute"))


def architectures(names: Iterable[str], kind: str) -> list[Capability]:
    """What ``torch.cuda.get_arch_list()`` says of kernels (``sm``) or of PTX (``compute``).

    Names with a letter behind the number (``sm_90a``) hold for that card alone, and beside them
    stands the one without.  Those of AMD's cards are no capabilities.
    """
    matches = (re.fullmatch(rf"{kind}_(\d+)(\d)", name) for name in names)
    return [(int(match[1]), int(match[2])) for match in matches if match]

"""What a pretended machine takes for it: rates, and resources that do one thing at a time.

These are round figures of a model, no measurements: a GPU of 10 TFLOP/s on PCI Express.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Machine:
    """The rates of a machine with ``gpus`` equal GPUs; seconds, bytes and FLOP per second.

    ``launch`` is the host's time to hand a kernel or a copy over, ``kernel`` the least time of
    one on the GPU, ``wait`` what a wait of the host costs, ``call`` a call that works on the CPU.
    Kernels of one GPU run one after the other, each on the whole GPU.  A copy uses one of two
    copy engines of a GPU, one for each direction.  Threads of the host don't slow each other
    down: a machine with fewer cores than busy threads isn't modelled.
    """

    gpus: int = 2
    name: str = "pretended GPU"
    gpu_flops: float = 1e13
    gpu_bandwidth: float = 3e11
    link: float = 1.2e10
    launch: float = 5e-6
    kernel: float = 3e-6
    wait: float = 5e-6
    cores: int = 8
    core_flops: float = 5e10
    host_bandwidth: float = 1e10
    call: float = 2e-6

    def on_gpu(self, flops: float, size: float) -> float:
        """Seconds of a kernel that moves ``size`` bytes of the GPU's own memory."""
        return self.kernel + max(flops / self.gpu_flops, size / self.gpu_bandwidth)

    def over_link(self, size: float) -> float:
        """Seconds of a copy of ``size`` bytes between a GPU and the host or another GPU."""
        return self.kernel + size / self.link

    def on_host(self, flops: float, size: float, threads: int) -> float:
        """Seconds of an operator on ``threads`` cores."""
        return self.call + max(flops / (self.core_flops * threads), size / self.host_bandwidth)


@dataclass
class Resource:
    """What is used by one at a time: a GPU's multiprocessors, one of its copy engines.

    Bookings come in the order of the host's calls, while the work begins in the order in which
    it is ready: it may take a gap that an earlier call has left.
    """

    starts: list[float] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)

    def book(self, earliest: float, seconds: float) -> tuple[float, float]:
        """Start and end of the first ``seconds`` that are free from ``earliest`` on."""
        position = bisect_right(self.ends, earliest)
        start = earliest
        while position < len(self.starts) and self.starts[position] < start + seconds:
            start = max(start, self.ends[position])
            position += 1
        end = start + seconds
        if position and self.ends[position - 1] == start:
            self.ends[position - 1] = end
        else:
            self.starts.insert(position, start)
            self.ends.insert(position, end)
        return start, end

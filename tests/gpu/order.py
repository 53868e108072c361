"""What is ordered before what: vector clocks of host threads and streams, and their memory.

Nothing here knows a framework.  An operation has run already when it is reported here, so
its result is right; what is asked is whether a machine was bound to run it in that order.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple


class Moment(NamedTuple):
    """A point in an agent's work: the steps before it, and its simulated second."""

    clock: dict[int, int]
    seconds: float


_numbers = itertools.count(1)


@dataclass(eq=False)
class Agent:
    """Who does one thing after the other: a host thread, a job of a pool, or a stream.

    ``clock[number]`` counts the steps of the agent with that number which are over before
    this agent's next step begins.  At the second ``ready`` all is done that it was given.
    ``lane`` is what a timeline calls it.
    """

    name: str
    lane: tuple = ()
    is_stream: bool = False
    ready: float = 0.0
    clock: dict[int, int] = field(default_factory=dict)
    number: int = field(default_factory=_numbers.__next__)

    def step(self) -> int:
        """Begin the next step; its count."""
        self.clock[self.number] = count = self.clock.get(self.number, 0) + 1
        return count

    def moment(self) -> Moment:
        return Moment(self.clock.copy(), self.ready)

    def follow(self, moment: Moment) -> None:
        """From now on this agent's steps come after ``moment``."""
        merge(self.clock, moment.clock)
        self.ready = max(self.ready, moment.seconds)


def merge(clock: dict[int, int], later: dict[int, int]) -> None:
    for number, count in later.items():
        if count > clock.get(number, 0):
            clock[number] = count


class Access(NamedTuple):
    """A step that read or wrote memory: whose, which, what it did, and its place in the code."""

    agent: Agent
    count: int
    what: str
    where: str

    def is_before(self, clock: dict[int, int]) -> bool:
        return clock.get(self.agent.number, 0) >= self.count

    def __str__(self) -> str:
        return f"{self.what} in {self.agent.name} ({self.where})"


@dataclass(eq=False)
class Memory:
    """A block of memory: its last write, the reads since, and where it comes from.

    ``owner`` is the agent for which it was allocated: once freed, the next block that this
    agent asks for may be the same memory.  ``recorded`` are the numbers of the streams that
    the allocator was told of (`record_stream`).  ``waits_by_itself`` holds for pinned memory,
    whose allocator waits for the copies that it has seen.
    """

    place: str
    owner: Agent
    write: Access
    reads: dict[int, Access] = field(default_factory=dict)
    recorded: set[int] = field(default_factory=set)
    waits_by_itself: bool = False


class Kind(Enum):
    """What is wrong, in the words of the report."""

    UNORDERED_READ = "read before its write is ordered"
    HOST_READ = "read on the host before a wait"
    OVERWRITTEN = "overwritten while it may still be read"
    UNORDERED_WRITE = "written twice in no order"
    FREED = "freed while another stream may still use it"
    MIXED_DEVICES = "two devices in one operation"


class Fault(NamedTuple):
    """What is wrong, and at which place in the code it was seen."""

    kind: Kind
    where: str
    detail: str

    def __str__(self) -> str:
        return f"{self.where}: {self.kind.value}: {self.detail}"


class Order:
    """Checks each access against those before it; ``faults`` has each fault once."""

    def __init__(self) -> None:
        self._faults: dict[Fault, None] = {}
        #: What some host thread has waited for: over, whoever asks.
        self._over: dict[int, int] = {}

    @property
    def faults(self) -> list[Fault]:
        return list(self._faults)

    def report(self, kind: Kind, where: str, detail: str) -> None:
        self._faults[Fault(kind, where, detail)] = None

    def allocate(self, place: str, owner: Agent, where: str, waits_by_itself: bool = False
                 ) -> Memory:
        """Memory that nobody has written since its owner asked for it."""
        return Memory(place, owner, Access(owner, owner.step(), "the allocation", where),
                      waits_by_itself=waits_by_itself)

    def access(self, agent: Agent, what: str, where: str, reads: Iterable[Memory] = (),
               writes: Iterable[Memory] = ()) -> None:
        """The next step of ``agent`` reads and writes these."""
        access = Access(agent, agent.step(), what, where)
        written = {id(memory): memory for memory in writes}
        for memory in reads:
            if not memory.write.is_before(agent.clock):
                self._unordered(access, memory.write, memory, is_write=False)
            if id(memory) not in written:
                memory.reads[agent.number] = access
        for memory in written.values():
            for read in memory.reads.values():
                if not read.is_before(agent.clock):
                    self._unordered(access, read, memory, is_write=True)
            if not memory.reads and not memory.write.is_before(agent.clock):
                self._unordered(access, memory.write, memory, is_write=True)
            memory.write, memory.reads = access, {}

    def _unordered(self, access: Access, before: Access, memory: Memory, is_write: bool) -> None:
        if not is_write:
            host_waits_not = before.agent.is_stream and not access.agent.is_stream
            kind = Kind.HOST_READ if host_waits_not else Kind.UNORDERED_READ
        else:
            kind = Kind.UNORDERED_WRITE if before is memory.write else Kind.OVERWRITTEN
        self.report(kind, access.where,
                    f"{access}, {memory.place}; nothing orders it after {before}")

    def waited(self, host: Agent, moment: Moment) -> None:
        """A host thread has blocked until ``moment``."""
        host.follow(moment)
        merge(self._over, moment.clock)

    def free(self, memory: Memory, where: str) -> None:
        """The last reference is gone: the owner may have the memory for something else."""
        if memory.waits_by_itself:
            return
        for use in (memory.write, *memory.reads.values()):
            if (use.agent.is_stream and use.agent is not memory.owner
                    and use.agent.number not in memory.recorded
                    and not use.is_before(memory.owner.clock) and not use.is_before(self._over)):
                self.report(Kind.FREED, where, f"{memory.place} of {memory.owner.name}; nothing "
                            f"orders what comes there next after {use}")

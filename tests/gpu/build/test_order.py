"""Vector clocks, bookings: no framework."""
import pytest
from gpu.cost import Machine, Resource
from gpu.order import Agent, Kind, Order


@pytest.fixture
def order():
    return Order()


def kinds(order):
    return [fault.kind for fault in order.faults]


def stream(name):
    return Agent(name, is_stream=True)


def test_a_read_is_in_order_if_its_agent_follows_the_write(order):
    first, second = stream("first"), stream("second")
    memory = order.allocate("memory", first, "page:1")
    order.access(first, "mm", "page:2", writes=[memory])
    order.access(first, "add", "page:3", [memory])  # one stream is in order by itself
    assert not order.faults
    order.access(second, "sum", "page:4", [memory])
    assert kinds(order) == [Kind.UNORDERED_READ]
    assert str(order.faults[0]) == (
        "page:4: read before its write is ordered: sum in second (page:4), memory; "
        "nothing orders it after mm in first (page:2)")
    second.follow(first.moment())
    order.access(second, "sum", "page:5", [memory])
    assert len(order.faults) == 1


def test_what_follows_a_moment_does_not_follow_what_comes_later(order):
    first, second = stream("first"), stream("second")
    memory = order.allocate("memory", first, "page:1")
    event = first.moment()
    order.access(first, "mm", "page:2", writes=[memory])
    second.follow(event)
    order.access(second, "sum", "page:3", [memory])
    assert kinds(order) == [Kind.UNORDERED_READ]


def test_order_goes_through_a_third(order):
    first, second, third = stream("first"), stream("second"), stream("third")
    memory = order.allocate("memory", first, "page:1")
    order.access(first, "mm", "page:2", writes=[memory])
    second.follow(first.moment())
    third.follow(second.moment())
    order.access(third, "sum", "page:3", [memory])
    assert not order.faults


def test_who_overwrites_must_follow_all_who_read(order):
    first, second, third = stream("first"), stream("second"), stream("third")
    memory = order.allocate("memory", first, "page:1")
    for reader in (second, third):
        reader.follow(first.moment())
        order.access(reader, "sum", "page:2", [memory])
    first.follow(second.moment())
    order.access(first, "fill", "page:3", writes=[memory])
    assert kinds(order) == [Kind.OVERWRITTEN] and "sum in third" in order.faults[0].detail
    order.access(first, "fill", "page:4", writes=[memory])  # that was one fault, not two
    assert len(order.faults) == 1
    order.access(third, "fill", "page:5", writes=[memory])
    assert kinds(order)[1:] == [Kind.UNORDERED_WRITE]


def test_the_same_fault_is_told_once(order):
    first, second = stream("first"), stream("second")
    memory = order.allocate("memory", first, "page:1")
    for _ in range(3):
        order.access(second, "sum", "page:2", [memory])
    assert len(order.faults) == 1


def test_memory_goes_back_to_its_owner(order):
    owner, user, host = stream("owner"), stream("user"), Agent("host")
    memory = order.allocate("memory", owner, "page:1")
    user.follow(owner.moment())
    order.access(user, "sum", "page:2", [memory])
    order.free(memory, "page:3")
    assert kinds(order) == [Kind.FREED] and order.faults[0].where == "page:3"

    memory.recorded.add(user.number)  # the allocator knows
    order.free(memory, "page:4")
    memory.recorded.clear()
    order.waited(host, user.moment())  # somebody has seen the end of it
    order.free(memory, "page:5")
    order.access(user, "sum", "page:6", [memory])
    owner.follow(user.moment())  # the owner's next work comes after it
    order.free(memory, "page:7")
    assert len(order.faults) == 1


def test_one_thing_at_a_time_and_gaps_are_taken():
    resource = Resource()
    assert resource.book(0, 2) == (0, 2)
    assert resource.book(1, 2) == (2, 4)
    assert resource.book(10, 1) == (10, 11)  # waits for something
    assert resource.book(3, 5) == (4, 9)  # called later, ready earlier
    assert resource.book(0, 1) == (9, 10)
    assert resource.book(0, 1) == (11, 12)


@pytest.mark.parametrize("seconds, flops, size", [(1.0, 1e13, 0), (1.0, 0, 3e11), (0.0, 0, 0)])
def test_a_kernel_takes_the_longer_of_computing_and_moving(seconds, flops, size):
    machine = Machine()
    assert machine.on_gpu(flops, size) == pytest.approx(seconds + machine.kernel)

"""A pretended `torch.cuda`: planted faults are seen, their correct twins are not; its clock.

Each planted fault is a function of ``right``: with True it is the correct twin.
"""
import math
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Thread

import pytest
from gpu.cost import Machine
from gpu.order import Kind

pytestmark = pytest.mark.xdist_group("gpu")  # one worker imports PyTorch, once


@pytest.fixture
def torch():
    return pytest.importorskip("torch")


@pytest.fixture
def simulation(torch):
    from gpu.cuda import pretend
    with pretend(Machine(gpus=2)) as simulation:
        yield simulation


# --- Planted faults --------------------------------------------------------------------------

def made_here_and_read_aside(torch, right):
    x, side = torch.rand(8, 8, device="cuda"), torch.cuda.Stream()
    if right:
        side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        x.mm(x)
    torch.cuda.synchronize()


def made_aside_and_read_here(torch, right):
    side = torch.cuda.Stream()
    with torch.cuda.stream(side):
        x = torch.rand(8, 8, device="cuda")
    if right:
        torch.cuda.current_stream().wait_event(side.record_event())
    x.sum()
    torch.cuda.synchronize()


def event_recorded_too_early(torch, right):
    x, side = torch.zeros(8, 8, device="cuda"), torch.cuda.Stream()
    event = torch.cuda.Event()
    event.record()
    x.add_(1)
    if right:
        event.record()
    side.wait_event(event)
    with torch.cuda.stream(side):
        x.sum()
    torch.cuda.synchronize()


def allocated_here_and_filled_aside(torch, right):
    """The memory may be that of a tensor which the default stream still uses."""
    x, side = torch.empty(8, 8, device="cuda"), torch.cuda.Stream()
    if right:
        side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        x.fill_(1)
    torch.cuda.synchronize()


def another_gpu_is_waited_for(torch, right):
    x = torch.rand(8, 8, device="cuda:1")
    at_host = torch.empty(8, 8, pin_memory=True)
    at_host.copy_(x, non_blocking=True)
    torch.cuda.synchronize("cuda:1" if right else None)
    float(at_host.sum())


def another_stream_is_waited_for(torch, right):
    x, side = torch.rand(8, 8, device="cuda"), torch.cuda.Stream()
    at_host = torch.empty(8, 8, pin_memory=True)
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        at_host.copy_(x, non_blocking=True)
    (side if right else torch.cuda.current_stream()).synchronize()
    at_host.numpy()
    side.synchronize()


def read_on_the_host_without_a_wait(torch, right):
    y = torch.rand(8, 8, device="cuda").to("cpu", non_blocking=True)
    if right:
        torch.cuda.synchronize()
    y.tolist()


def pinned_memory_overwritten_too_early(torch, right):
    batch = torch.ones(8, 8, pin_memory=True)
    x = batch.to("cuda", non_blocking=True)
    if right:
        torch.cuda.current_stream().record_event().synchronize()
    batch.fill_(2)
    assert x.is_cuda


def overwritten_before_it_is_copied(torch, right):
    x, side = torch.ones(8, 8, device="cuda"), torch.cuda.Stream()
    at_host = torch.empty(8, 8, pin_memory=True)
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        at_host.copy_(x, non_blocking=True)
    if right:
        torch.cuda.current_stream().wait_stream(side)
    x.mul_(2)
    torch.cuda.synchronize()


def freed_too_early(torch, right):
    x, side = torch.rand(8, 8, device="cuda"), torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        y = x.mm(x)
    if right:
        x.record_stream(side)
    del x
    side.synchronize()
    assert y.is_cuda


def a_view_freed_too_early(torch, right):
    whole, side = torch.rand(8, 8, device="cuda"), torch.cuda.Stream()
    part = whole[2:4]
    del whole
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        part.sum()
    if right:
        side.synchronize()
    del part


def two_devices_in_one_operation(torch, right):
    x, y = torch.rand(8, 8, device="cuda:0"), torch.rand(8, 8, device="cuda:1")
    if right:
        x + y.to(x.device)
    else:
        with pytest.raises(RuntimeError, match="cuda:0 and cuda:1"):
            x + y


def a_job_is_not_waited_for(torch, right):
    at_host = torch.empty(8)
    with ThreadPoolExecutor(1) as pool:
        job = pool.submit(at_host.fill_, 3)
        while not job.done():
            pass
        if right:
            job.result()
        at_host.sum()


@pytest.mark.parametrize("planted, kind", [
    (made_here_and_read_aside, Kind.UNORDERED_READ),
    (made_aside_and_read_here, Kind.UNORDERED_READ),
    (event_recorded_too_early, Kind.UNORDERED_READ),
    (allocated_here_and_filled_aside, Kind.UNORDERED_WRITE),
    (another_gpu_is_waited_for, Kind.HOST_READ),
    (another_stream_is_waited_for, Kind.HOST_READ),
    (read_on_the_host_without_a_wait, Kind.HOST_READ),
    (pinned_memory_overwritten_too_early, Kind.OVERWRITTEN),
    (overwritten_before_it_is_copied, Kind.OVERWRITTEN),
    (freed_too_early, Kind.FREED),
    (a_view_freed_too_early, Kind.FREED),
    (two_devices_in_one_operation, Kind.MIXED_DEVICES),
    (a_job_is_not_waited_for, Kind.UNORDERED_READ),
], ids=lambda value: getattr(value, "__name__", ""))
def test_a_planted_fault_is_seen_and_its_twin_is_not(torch, simulation, planted, kind):
    planted(torch, right=True)
    assert simulation.faults == []
    planted(torch, right=False)
    assert [fault.kind for fault in simulation.faults] == [kind]
    line = planted.__code__.co_firstlineno
    file, _, at = simulation.faults[0].where.partition(":")
    assert file == "test_cuda.py" and line < int(at) < line + 16


# --- What is no fault ------------------------------------------------------------------------

def test_streams_of_threads_and_devices(torch, simulation):
    """The default stream is one for all threads; a stream that is chosen is its thread's."""
    side = torch.cuda.Stream("cuda:1")
    torch.cuda.set_stream(side)
    assert torch.cuda.current_device() == 1 and torch.cuda.current_stream() is side
    with ThreadPoolExecutor(1) as pool:
        x = pool.submit(torch.rand, 8, 8, device="cuda:1").result()
        assert pool.submit(torch.cuda.current_stream, 1).result() is torch.cuda.default_stream(1)
    with torch.cuda.stream(torch.cuda.default_stream(1)):
        x.mm(x)  # in order with the thread's work, whoever gave it
    with torch.cuda.stream(None):
        assert torch.cuda.current_stream() is side
    assert simulation.faults == []


def test_a_copy_between_gpus_is_ordered_on_both(torch, simulation):
    x = torch.rand(8, 8, device="cuda:0")
    y = x.to("cuda:1", non_blocking=True)
    assert y.device == torch.device("cuda:1") and x.device != y.device
    x.mul_(2)  # after the copy, in its stream
    y.sum()
    assert simulation.faults == []


def test_pageable_memory_is_copied_aside_or_waited_for(torch, simulation):
    batch = torch.ones(8, 8)
    x = batch.to("cuda", non_blocking=True)
    batch.fill_(2)
    batch.copy_(x, non_blocking=True)
    assert batch.sum().item() == 64 and simulation.faults == []


def test_who_has_seen_the_end_of_a_copy_need_not_wait(torch, simulation):
    at_host = torch.rand(8, 8, device="cuda").to("cpu", non_blocking=True)
    copied = torch.cuda.current_stream().record_event()
    while not copied.query():
        time.perf_counter()
    assert at_host.sum() > 0 and simulation.faults == []


def test_pinned_memory_is_not_given_away_while_it_is_copied(torch, simulation):
    at_host = torch.ones(8, 8, pin_memory=True)
    assert at_host.is_pinned() and not torch.ones(8, 8).is_pinned()
    x = at_host.to("cuda", non_blocking=True)
    del at_host
    x.sum()
    assert simulation.faults == []


def test_threads_are_ordered_by_start_and_join(torch, simulation):
    x = torch.zeros(8)
    thread = Thread(target=x.add_, args=(1,))
    thread.start()
    thread.join()
    assert x.sum().item() == 8 and simulation.faults == []


def test_what_outlives_a_simulation_is_no_business_of_the_next(torch):
    from gpu.cuda import pretend
    with pretend(Machine(gpus=1)):
        x, side = torch.rand(8, 8, device="cuda"), torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            x.sum()
    with pretend(Machine(gpus=1)) as simulation:
        del x
    assert simulation.faults == []


# --- What the code computes and sees ----------------------------------------------------------

def test_results_are_right_and_say_where_they_are(torch, simulation):
    x = torch.arange(4.0).reshape(2, 2)
    y = x.to("cuda:1")
    z = y.mm(y.T) + 1
    assert torch.equal(z.cpu(), x.mm(x.T) + 1) and z.is_cuda and not x.is_cuda
    assert repr(z) == "tensor([[ 2.,  4.],\n        [ 4., 14.]], device='cuda:1')"
    assert repr(x[0]) == "tensor([0., 1.])"
    out = torch.empty(2, 2, device="cuda:1")
    assert torch.mm(y, y, out=out) is out and out[0, 0].item() == 2
    with pytest.raises(TypeError, match="cuda:1"):
        z.numpy()
    with pytest.raises(RuntimeError, match="invalid device ordinal"):
        torch.rand(1, device="cuda:2")
    assert torch.tensor([1.0, 2.0], device="cuda:0").sum() == 3
    assert torch.cuda.get_device_name(1) == "pretended GPU"


def test_what_is_too_large_has_a_shape_and_no_values(torch, simulation):
    x = torch.rand(100_000, 100_000, device="cuda:0")
    y = x.mm(x)
    assert y.shape == x.shape and y.device == x.device
    assert math.isnan(y.sum().item()) and math.isnan(y[:1, :1].tolist()[0][0])


def test_nothing_is_pretended_afterwards(torch):
    from gpu.cuda import pretend
    before = time.perf_counter, torch.cuda.Stream, ThreadPoolExecutor.submit
    with pretend(Machine(gpus=1)):
        assert torch.cuda.device_count() == 1 and torch.cuda.is_available()
    assert before == (time.perf_counter, torch.cuda.Stream, ThreadPoolExecutor.submit)
    assert type(torch.rand(2)) is torch.Tensor


# --- The clock ---------------------------------------------------------------------------------

def seconds(torch, work, *devices):
    start = time.perf_counter()
    work()
    for device in devices:
        torch.cuda.synchronize(device)
    return time.perf_counter() - start


def test_gpus_work_at_the_same_time_and_calls_return_at_once(torch, simulation):
    x, y = (torch.rand(4000, 4000, device=f"cuda:{i}") for i in range(2))

    def both():
        for _ in range(20):
            x.mm(x)
            y.mm(y)
    alone = 2 * 4000 ** 3 / simulation.machine.gpu_flops
    assert seconds(torch, both) < alone / 10  # queued, not done
    torch.cuda.synchronize(0)
    torch.cuda.synchronize(1)
    assert seconds(torch, both, 0, 1) == pytest.approx(20 * alone, rel=.01)
    assert seconds(torch, lambda: both() or both(), 0, 1) == pytest.approx(40 * alone, rel=.01)


def test_a_copy_overlaps_with_computing_in_another_stream_alone(torch, simulation):
    x, y = torch.rand(4000, 4000, device="cuda"), torch.rand(4000, 4000, device="cuda")
    at_host, side = torch.empty(4000, 4000, pin_memory=True), torch.cuda.Stream()

    def copies(stream):
        with torch.cuda.stream(stream):
            for _ in range(3):
                at_host.copy_(y, non_blocking=True)

    def products():
        x.mm(x)
    copy = simulation.machine.over_link(64e6)
    product = simulation.machine.on_gpu(2 * 4000 ** 3, 0)
    torch.cuda.synchronize()
    one = seconds(torch, lambda: products() or copies(torch.cuda.current_stream()), 0)
    two = seconds(torch, lambda: products() or copies(side), 0)
    assert one == pytest.approx(product + 3 * copy, rel=.01)
    assert two == pytest.approx(max(product, 3 * copy), rel=.01)

    def products_in_both():
        products()
        with torch.cuda.stream(side):
            products()
    assert seconds(torch, products_in_both, 0) == pytest.approx(2 * product, rel=.01)
    assert simulation.faults == []


def test_a_wait_for_an_event_takes_its_time(torch, simulation):
    x, side = torch.rand(4000, 4000, device="cuda"), torch.cuda.Stream()
    begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    torch.cuda.synchronize()
    torch.rand(4000, 4000)  # the host is busy, and records the event only then
    begin.record()
    x.mm(x)
    product = torch.cuda.current_stream().record_event()
    side.wait_event(product)
    end.record(side)
    assert not product.query()
    end.synchronize()
    assert product.query()
    assert begin.elapsed_time(end) == pytest.approx(
        1e3 * simulation.machine.on_gpu(2 * 4000 ** 3, 0), rel=.01)


def test_jobs_go_to_the_worker_that_is_free_first(torch, simulation):
    x = torch.rand(3000, 3000)
    torch.set_num_threads(1)
    alone = seconds(torch, lambda: x.mm(x))
    with ThreadPoolExecutor(2, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        def jobs(count):
            for job in [pool.submit(x.mm, x) for _ in range(count)]:
                job.result()
        assert seconds(torch, lambda: jobs(4)) == pytest.approx(2 * alone, rel=.01)
        assert seconds(torch, lambda: jobs(1)) == pytest.approx(alone, rel=.01)
        torch.set_num_threads(4)  # of this thread, and of those that begin later
        assert seconds(torch, lambda: jobs(2)) == pytest.approx(alone, rel=.01)
    with ThreadPoolExecutor(1) as pool:
        for work in (lambda: x.mm(x), lambda: pool.submit(x.mm, x).result()):
            assert seconds(torch, work) == pytest.approx(alone / 4, rel=.01)


def test_a_job_waits_for_another_of_its_pool(torch, simulation):
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(torch.ones, 2)
        assert pool.submit(lambda: pool.submit(lambda: first.result().sum()).result()
                           ).result().item() == 2
    assert simulation.faults == []


def test_without_gpus_nothing_is_waited_for(torch):
    from gpu.cuda import pretend
    with pretend(Machine(gpus=0)):
        assert torch.cuda.device_count() == 0 and not torch.cuda.is_available()
        with torch.cuda.stream(None):
            assert torch.rand(2).device.type == "cpu"
        with pytest.raises((RuntimeError, AssertionError)):
            torch.rand(2, device="cuda")


def test_two_machines_at_a_time_are_refused(simulation):
    pretend = sys.modules["gpu.cuda"].pretend
    with pytest.raises(RuntimeError, match="already"), pretend():
        pass


# --- What the profiler's ranges mark ---------------------------------------------------------

def test_a_range_marks_what_its_thread_calls_and_what_that_launches(torch, simulation):
    from evidence.profilers import torch_task
    x = torch_task("∂W₂ 1", lambda: torch.rand(8, 8, device="cuda"))
    x.mm(x)
    marks = [(name, quoted) for _, name, *_, quoted in simulation.log]
    quoted = "%E2%88%82W%E2%82%82 1"
    assert marks == [("aten::rand", quoted), ("rand", quoted), ("aten::mm", ""), ("mm", "")]

"""MXNet's cells where GPUs are pretended: which device each operator and copy gets."""
import json
import os
import subprocess
import sys
from importlib.util import find_spec

import pytest
from conftest import PAGES, ROOT, TABS_OF
from gpu.pages import page_cells

pytestmark = pytest.mark.xdist_group("gpu")
MXNET = [page for page in PAGES if "mxnet" in TABS_OF[page]]
#: The pair of devices that the first cell chooses, by the number of GPUs.
PAIRS = {2: ["gpu(0)", "gpu(1)"], 1: ["cpu(0)", "gpu(0)"], 0: ["cpu(0)", "cpu(1)"]}

#: In a process of its own: MXNet and PyTorch bring an OpenMP each.
PROGRAM = """
import json, sys
from tests.gpu import mxnet_pages
from tests.gpu.cells import Cell

def check(cells, gpus):
    try:
        outcomes = mxnet_pages.run([Cell(*cell) for cell in cells], gpus)
    except ValueError as error:
        return [{"error": str(error)}]
    return [{"faults": outcome.faults, "outputs": outcome.outputs, "contexts": sorted(contexts)}
            for outcome, contexts in outcomes]

json.dump([check(*task) for task in json.load(sys.stdin)], sys.stdout)
"""
BEGIN = """
from evidence import versus
from mxnet import np, npx
npx.set_np()
x, y = (np.ones((2, 2), ctx=npx.gpu(i)) for i in range(2))
"""
PLANTED = {name: BEGIN + code for name, code in {
    "mixed": "x + y", "copied": "x + y.copyto(x.ctx)", "moved": "x.dot(y.as_in_ctx(npx.gpu(0)))",
    "no wait": "versus('mxnet', 'e', [], a=lambda: x.dot(x), b=lambda: (x.dot(x), npx.waitall()))"
               " and None",
    "seen": "print(npx.num_gpus(), x.ctx, y.ctx.device_type, np.empty(1, ctx=npx.gpu(1)).ctx, "
            "np.zeros(1).ctx, y.asnumpy().sum())",
    "too many": "np.ones(1, ctx=npx.gpu(2))",
}.items()}


@pytest.fixture(scope="module")
def checked():
    """What the planted cells and those of the pages did: ``{(name, gpus): a dict per cell}``."""
    if find_spec("mxnet") is None:
        pytest.skip("mxnet is not installed")
    tasks = {(name, 2): [("planted", 1, source)] for name, source in PLANTED.items()}
    tasks |= {(page, gpus): page_cells(page, "mxnet") for page in MXNET for gpus in PAIRS}
    variables = json.loads((ROOT / "kernels/mxnet/kernel.json").read_text("utf-8"))["env"]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, text=True, capture_output=True,
        input=json.dumps([(cells, gpus) for (_, gpus), cells in tasks.items()]),
        env={**os.environ, **variables})
    assert done.returncode == 0, done.stderr
    return dict(zip(tasks, json.loads(done.stdout)))


def test_planted_faults_are_seen_and_their_twins_are_not(checked):
    planted = {name: checked[name, 2][0] for name in PLANTED}
    fault, = planted["mixed"]["faults"]
    assert "two devices" in fault and "gpu(0)" in fault and "gpu(1)" in fault
    assert planted["copied"]["faults"] == planted["moved"]["faults"] == []
    assert planted["copied"]["contexts"] == ["gpu(0)", "gpu(1)"]
    assert planted["no wait"]["faults"] == ["measured without a wait at its end: a"]
    assert planted["seen"]["outputs"] == ["2 gpu(0) gpu gpu(1) cpu(0) 4.0\n"]
    assert "gpu(2)" in planted["too many"]["error"]


@pytest.mark.parametrize("gpus", PAIRS)
@pytest.mark.parametrize("page", MXNET)
def test_no_operator_has_two_devices_and_each_measurement_waits(checked, page, gpus):
    cells = checked[page, gpus]
    assert [cell["faults"] for cell in cells] == [[] for _ in page_cells(page, "mxnet")]
    contexts = {context for cell in cells for context in cell["contexts"]}
    assert {name for name in contexts if name.startswith("gpu")} <= {
        f"gpu({i})" for i in range(gpus)}


def contexts_of(checked, part, gpus):
    """What the one cell that holds ``part`` used."""
    (page, number), = [(page, number) for page in MXNET for number, cell in enumerate(
        page_cells(page, "mxnet")) if part in cell.source]
    return checked[page, gpus][number]["contexts"]


@pytest.mark.parametrize("gpus", PAIRS)
def test_the_pair_works(checked, gpus):
    assert contexts_of(checked, "run(x_gpu1)  # warm up", gpus) == PAIRS[gpus]


@pytest.mark.parametrize("gpus", PAIRS)
@pytest.mark.parametrize("part", ("'operator-size'", "def combine"))
def test_an_exercise_of_the_cpu_stays_there(checked, part, gpus):
    assert all(context.startswith("cpu") for context in contexts_of(checked, part, gpus))

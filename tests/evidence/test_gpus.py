"""Which GPUs are worked on: pretended cards, no framework."""
import sys
from types import SimpleNamespace

import pytest
from conftest import ROOT

from book import frameworks
from evidence.gpus import MXNET_KERNELS, architectures, has_kernels, mxnet_gpus, torch_gpus

#: Maxwell, Pascal, Volta, Turing, Ampere and Ada; Kepler, Hopper and Blackwell.
WITH, WITHOUT = [(5, 2), (6, 1), (7, 0), (7, 5), (8, 0), (8, 6), (8, 9)], [(3, 7), (9, 0), (12, 0)]


class Card(int):
    """A context, as MXNet names it: by its number."""

    device_id = property(int)


@pytest.fixture
def mxnet(monkeypatch):
    """``mxnet(*capabilities)``: an MXNet that sees cards of these; None: it can't tell."""
    def pretend(*capabilities):
        def capability(gpu):
            if capabilities[gpu] is None:
                raise OSError("could not load any of: libcuda.so")
            major, minor = capabilities[gpu]
            return major * 10 + minor

        npx = SimpleNamespace(gpu=Card, num_gpus=lambda: len(capabilities))
        monkeypatch.setitem(sys.modules, "mxnet", SimpleNamespace(npx=npx, __version__="1.9.1"))
        monkeypatch.setitem(sys.modules, "mxnet.util",
                            SimpleNamespace(get_cuda_compute_capability=capability))
    return pretend


@pytest.fixture
def torch(monkeypatch):
    """``torch(names, *capabilities)``: a build for these architectures that sees such cards."""
    def pretend(names, *capabilities):
        cuda = SimpleNamespace(
            device_count=lambda: len(capabilities), get_arch_list=lambda: names,
            get_device_capability=lambda device: capabilities[int(device.rpartition(":")[2])])
        monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(
            cuda=cuda, device=str, __version__="2.13.0"))
    return pretend


def test_mxnet_works_on_cards_of_the_same_first_number():
    assert [card for card in WITH + WITHOUT if has_kernels(card, MXNET_KERNELS)] == WITH
    assert not has_kernels((7, 2), [(7, 5)])


def test_ptx_serves_every_newer_card():
    assert has_kernels((9, 0), [(7, 5)], [(8, 6)]) and has_kernels((8, 6), [], [(8, 6)])
    assert not has_kernels((8, 0), [(7, 5)], [(8, 6)])


def test_a_card_without_kernels_is_left_alone_in_words(mxnet, capsys):
    mxnet((8, 6), (9, 0), None)
    assert mxnet_gpus() == [0, 2]
    assert capsys.readouterr().out == (
        "1: not run here (its compute capability is 9.0; MXNet 1.9.1 has kernels for 5.0 to "
        "8.6)\n")
    mxnet()
    assert mxnet_gpus() == [] and capsys.readouterr().out == ""


def test_where_mxnet_cant_tell_the_driver_does(mxnet, monkeypatch, tmp_path, capsys):
    command = tmp_path / "nvidia-smi"
    command.write_text('#!/bin/sh\ntest "$4" = 0 && echo 9.0 || echo 8.6\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    mxnet(None, None)
    assert mxnet_gpus() == [1] and "capability is 9.0" in capsys.readouterr().out


def test_torch_tells_its_own_architectures(torch, capsys):
    names = ["sm_75", "sm_80", "sm_86", "sm_90", "sm_90a", "sm_100", "sm_120"]
    assert architectures(names, "sm") == [(7, 5), (8, 0), (8, 6), (9, 0), (10, 0), (12, 0)]
    torch(names, (7, 0), (9, 0))
    assert torch_gpus() == ["cuda:1"]
    assert capsys.readouterr().out == ("cuda:0: not run here (its compute capability is 7.0; torch "
                                       "2.13.0 has kernels for 7.5 to 12.0)\n")
    torch([*names[:3], "compute_86"], (9, 0))
    assert torch_gpus() == ["cuda:0"]
    torch(["gfx90a"], (9, 0))  # AMD's cards
    assert torch_gpus() == ["cuda:0"] and capsys.readouterr().out == ""
    torch([])
    assert torch_gpus() == []


def test_a_download_takes_the_cuda_build_for_the_same_cards():
    first, last = (tuple(map(int, version.split("."))) for version in
                   frameworks.read(ROOT)["mxnet"].cuda["capabilities"])
    assert [card for card in WITH + WITHOUT if first <= card <= last] == WITH

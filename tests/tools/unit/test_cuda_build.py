"""What `make html GPU=1` installs, as its libraries say themselves: no GPU is needed.

These read the installed files, so they are skipped where that environment isn't made.
"""
import mmap
import os
import re
import struct
import subprocess
from collections import defaultdict
from importlib.metadata import distributions
from importlib.util import find_spec
from pathlib import Path

import pytest

from evidence.gpus import MXNET_KERNELS

INSTALLED = {distribution.name.lower(): distribution for distribution in distributions()}
pytestmark = pytest.mark.skipif("mxnet-cu117" not in INSTALLED,
                                reason="the environment of GPU=1 is not made here")
#: It comes with NVIDIA's driver, and so is no matter of packages.
DRIVER = "libcuda.so.1"


@pytest.fixture
def package():
    return Path(find_spec("mxnet").submodule_search_locations[0])


def ldd(*words):
    environment = {name: value for name, value in os.environ.items() if name != "LD_LIBRARY_PATH"}
    done = subprocess.run(["ldd", *map(str, words)], capture_output=True, text=True,
                          env=environment)
    return done.stdout + done.stderr


def test_every_library_finds_what_it_needs_but_the_driver(package):
    links = [file for file in package.glob("*.so*") if file.is_symlink()]
    assert links
    lacks = re.findall(r"(\S+) => not found", ldd(package / "libmxnet.so", *links))
    assert set(lacks) <= {DRIVER}


def test_they_have_every_symbol_that_mxnet_calls(package):
    undefined = re.findall(r"symbol:? (\w+)", ldd("-r", package / "libmxnet.so"))
    assert not [symbol for symbol in undefined if not re.match("cu[A-Z]", symbol)]


def test_no_package_writes_what_another_one_has_written():
    owners = defaultdict(set)
    for name, distribution in INSTALLED.items():
        for file in distribution.files or ():
            if file.parts[0] not in ("..", "mxnet") and "__pycache__" not in file.parts:
                owners[str(file)].add(name)
    assert not {file: names for file, names in owners.items()
                if len(names) > 1 and ".so" in file}


def test_its_kernels_are_for_the_cards_that_are_told_and_it_holds_no_ptx(package):
    with (package / "libmxnet.so").open("rb") as file, mmap.mmap(
            file.fileno(), 0, access=mmap.ACCESS_READ) as library:
        entries = set(fatbin_entries(library))
    assert {divmod(architecture, 10) for kind, architecture in entries if kind == 2} == set(
        MXNET_KERNELS)
    assert not [architecture for kind, architecture in entries if kind == 1]


def fatbin_entries(library):
    """``(kind, architecture)`` of what is compiled for GPUs; kind 1 is PTX, 2 a kernel's code."""
    for start in re.finditer(rb"\x50\xed\x55\xba\x01\x00\x10\x00", library):
        place = start.start() + 16
        end = place + struct.unpack_from("<Q", library, start.start() + 8)[0]
        while place < end:
            kind, _, header, size = struct.unpack_from("<HHIQ", library, place)
            yield kind, struct.unpack_from("<I", library, place + 28)[0]
            place += header + size

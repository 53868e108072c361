"""What the audit hook of a kernel makes of events: which files count as read."""
import os
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from tabcells.run.reads import Reads, installed

#: What `open` calls reading and writing, as flags.
FLAGS = {"r": os.O_RDONLY, "r+": os.O_RDWR, "w": os.O_WRONLY | os.O_CREAT | os.O_TRUNC,
         "w+": os.O_RDWR | os.O_CREAT | os.O_TRUNC, "a": os.O_WRONLY | os.O_CREAT | os.O_APPEND,
         "a+": os.O_RDWR | os.O_CREAT | os.O_APPEND, "x": os.O_WRONLY | os.O_CREAT | os.O_EXCL,
         "x+": os.O_RDWR | os.O_CREAT | os.O_EXCL}
READING, WRITING = {"r", "r+", "a+"}, set(FLAGS) - {"r"}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("above") / "root"
    for name in ("one", "two", "sub/three", "_build/kept", "../beside", "../root-like"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


names = st.sampled_from(["one", "two", "sub/three", "absent", "_build/kept", "../beside",
                         "../root-like", "sub/../one", "./two", "sub"])
spellings = st.sampled_from([str, os.fsencode, Path])
odd = st.tuples(st.sampled_from(["open", "import", "sqlite3.connect", "os.rename", "exec"]),
                st.lists(st.one_of(st.none(), st.integers(), st.text(), st.binary()), max_size=3))


opening = st.tuples(names, spellings, st.sampled_from(sorted(FLAGS)))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(opening, opening, opening, odd), min_size=10, max_size=30))
def test_a_file_counts_if_it_is_read_before_it_is_written(root, events):
    reads, expected, written = Reads(str(root), [str(root / "_build")]), set(), set()
    for first, second, *mode in events:
        if not mode:
            reads.see(first, tuple(second))
            continue
        mode, = mode
        reads.see("open", (second(f"{root}/{first}"), mode, FLAGS[mode]))
        name = os.path.normpath(first)
        # What is not there counts where it can't be made by the same call.
        if mode in READING and name not in written and name != "sub" and not (
                name == "absent" and mode == "a+"):
            expected.add(name)
        if mode in WRITING:
            written.add(name)
    inside = {name for name in expected if not name.startswith(("..", "_build"))}
    assert reads.files() == dict.fromkeys(inside, False)


def test_a_path_is_resolved_from_where_the_process_is_when_it_opens_it(root, monkeypatch):
    reads = Reads(str(root))
    monkeypatch.chdir(root / "sub")
    for path in ("three", "../one", "../../beside", 3, None):
        reads.see("open", (path, "r", os.O_RDONLY))
    assert set(reads.files()) == {"sub/three", "one"}


def test_installed_packages_do_not_count_wherever_the_sources_are(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.prefix", str(tmp_path / ".venv"))
    assert installed(str(tmp_path)) == {str(tmp_path / ".venv")}
    # An environment that holds the sources must not hide them.
    monkeypatch.setattr("sys.prefix", str(tmp_path))
    assert installed(str(tmp_path)) == set()

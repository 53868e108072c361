"""The kernels that most tests of builds run in, forks, are what started kernels are."""
import json
import re

from test_projects import cell, panels

TELL = """import gc, json, os, re, signal, sys, threading
environment = {name: value for name, value in os.environ.items() if name != "TABCELLS_KERNEL"}
parent = environment.pop("JPY_PARENT_PID")
print("TOLD", json.dumps({
    "environment": environment, "folder": os.getcwd(), "path": sys.path, "flags": str(sys.flags),
    "arguments": len(sys.argv), "program": sys.argv[0], "main": sorted(globals()),
    "child of who asked": os.getppid() == int(parent),
    "session": [os.getpgrp() - os.getpid(), os.getsid(0) - os.getpid()],
    "input": os.read(0, 1).decode(), "files": [os.path.exists(f"/proc/self/fd/{n}") for n in "012"],
    "signals": [str(signal.getsignal(each)) for each in sorted(signal.valid_signals())],
    "blocked": len(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
    "threads": [re.sub("-.*", "", thread.name) for thread in threading.enumerate()],
    "modules": sorted(sys.modules), "modes": [os.umask(0o22), gc.isenabled()]}))
print("COMMAND", b"ipykernel_forks" in open("/proc/self/cmdline", "rb").read())"""


def test_a_fork_differs_from_a_started_kernel_in_what_proc_tells_alone(project):
    project.write(cell("a", TELL))
    told = {}
    for project.started_kernels in (True, False):
        done = project.build("-Dtabcells_execution=force")
        assert done.returncode == 0, done.stderr
        text = dict(panels(project.html()))["Tab A"]
        told[project.started_kernels] = json.loads(re.search(r"TOLD (\{.*\})", text)[1])
        assert f"COMMAND {not project.started_kernels}" in text
    assert told[True]["child of who asked"] and told[True]["input"] == ""
    assert told[True]["environment"]["STUB"] == "environment of a"
    assert {name: told[False][name] for name in told[True] if told[False][name] != told[True][name]
            } == {}


def test_a_kernel_that_python_starts_otherwise_is_not_forked(project):
    """What Python reads while it starts can't be given to a fork."""
    spec = project.folder / "kernels" / "stub-a" / "kernel.json"
    spec.write_text(spec.read_text().replace('"STUB"', '"PYTHONOPTIMIZE": "1", "STUB"'))
    project.write(cell("a", "import sys; print('optimize', sys.flags.optimize)"))
    done = project.build()
    assert done.returncode == 0, done.stderr
    assert "optimize 1" in dict(panels(project.html()))["Tab A"]

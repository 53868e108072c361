"""Kernels forked from a process that has imported ipykernel, which is most of a kernel's start.

``launch_kernel`` stands in for jupyter_client's of that name.  What it starts is what that one
starts: a child with the same arguments, environment, folder and files, in a session of its own.
Only what /proc tells of it is another's: the command line, and the environment at its start.
"""
import ctypes
import functools
import gc
import importlib.util
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time

#: How a kernelspec starts ipykernel; a kernel that starts otherwise is not forked.
COMMAND = [sys.executable, "-m", "ipykernel_launcher"]
#: What is read while Python starts, and so can't be given to a fork.
READ_AT_START = re.compile("PYTHON(?!PATH$)|LD_|LC_|LANG")
#: What ipykernel imports before the first cell runs.
IMPORTED = ("ipykernel.kernelapp", "ipykernel.debugger", "IPython.core.completerlib",
            "IPython.core.debugger", "IPython.extensions.storemagic", "runpy", "sqlite3",
            "tornado.platform.asyncio")
PR_SET_CHILD_SUBREAPER = 36


# The process that is forked

def serve(requests):
    """Fork for each request; return in the forks alone: what each is to be, and its files."""
    while True:
        message, files, *_ = socket.recv_fds(requests, 1 << 20, 2)
        if not message:
            os._exit(0)  # who asked is gone
        read, write = os.pipe()
        if not (between := os.fork()):
            between = os.getpid()
            if os.fork():
                os._exit(0)  # so that the fork becomes a child of who asked
            os.setsid()
            os.write(write, b"%d" % os.getpid())
            while os.getppid() == between:
                time.sleep(.001)
            for file in (read, write, requests.detach()):
                os.close(file)
            return json.loads(message), files
        os.waitpid(between, 0)
        requests.send(os.read(read, 20))
        for file in (read, write, *files):
            os.close(file)


def become(kernel, files, variables):
    """Be the kernel that ``python -m ipykernel_launcher`` would have been.

    :param variables: of the environment, set by what was imported
    """
    os.chdir(kernel["cwd"])
    os.environ.clear()
    os.environ.update(kernel["env"] | variables)
    for number, file in enumerate((os.open(os.devnull, os.O_RDONLY), *files)):
        os.dup2(file, number)
        os.close(file)
    paths = kernel["env"].get("PYTHONPATH", "").split(os.pathsep)
    sys.path[:0] = [os.path.abspath(path) for path in paths if path]
    from ipykernel import kernelapp

    launcher = importlib.util.find_spec("ipykernel_launcher")
    sys.argv[:] = [launcher.origin, *kernel["arguments"]]
    # ipykernel has read that variable when it was imported.
    kernelapp.launch_new_instance(parent_handle=int(os.environ["JPY_PARENT_PID"]))


def main(requests):
    del sys.path[0]  # the folder of this file
    before = dict(os.environ)
    for name in IMPORTED:
        importlib.import_module(name)
    variables = dict(os.environ.items() - before.items())
    gc.collect()
    gc.freeze()
    become(*serve(requests), variables)


# The process that asks

class Forked(subprocess.Popen):
    """A child process that was not started from here."""

    def __init__(self, pid, command):
        self.pid, self.args, self.returncode = pid, command, None
        self.stdin = self.stdout = self.stderr = None
        self._child_created, self._waitpid_lock = True, threading.Lock()


class Origin:
    """The process that is forked; it ends with this one."""

    def __init__(self):
        self.environment = _read_at_start(os.environ)
        self._lock, self._libc = threading.Lock(), ctypes.CDLL(None)
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        subprocess.Popen(
            [sys.executable, __file__, str(theirs.fileno())], pass_fds=[theirs.fileno()], cwd="/",
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True,
            env={**os.environ, "PYTHONPATH": "", "PYDEVD_DISABLE_FILE_VALIDATION": "1"})
        theirs.close()

    def fork(self, arguments, env, cwd, files):
        """The process id of a new kernel, which is a child of this process and prints to files."""
        message = json.dumps({"arguments": arguments, "env": env, "cwd": os.fspath(cwd)})
        with self._lock:
            self._libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
            try:
                socket.send_fds(self._socket, [message.encode()], files)
                return int(self._socket.recv(20))
            finally:
                self._libc.prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


@functools.cache
def _origin():
    return Origin()


def _read_at_start(environment):
    return {name: value for name, value in environment.items() if READ_AT_START.match(name)}


def launch_kernel(command, env=None, cwd=None, stdout=None, stderr=None, **options):
    """As ``jupyter_client.launcher.launch_kernel``."""
    from jupyter_client import launcher

    if (options or not env or not cwd or command[:3] != COMMAND
            or _read_at_start(env) != _origin().environment):
        return launcher.launch_kernel(command, env=env, cwd=cwd, stdout=stdout, stderr=stderr,
                                      **options)
    env = {**env, "JPY_PARENT_PID": str(os.getpid())}
    files = [file.fileno() if file else number for number, file in ((1, stdout), (2, stderr))]
    return Forked(_origin().fork(command[3:], env, cwd, files), command)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))

"""Make or mend `.venv` so that it holds requirements.txt; quick when nothing changed.

Standard library alone: it runs before anything is installed. Its last act is to write a
stamp with the hash of what it installed, so an interrupted install is done again.
"""
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"


def stop(sentence):
    sys.exit(f"\nsetup: {sentence}")


def healthy():
    """Does this environment start, and has it pip?"""
    try:
        return subprocess.run(
            [PYTHON, "-c", "import sys, pip; assert sys.version_info[:2] == (3, 11)"],
            capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def main(gpu):
    if sys.version_info[:2] != (3, 11):
        stop(f"this is Python {sys.version.split()[0]}, and MXNet 1.9.1 with NumPy 1.23 needs "
             "3.11. Install Python 3.11 and run `make html PYTHON=/path/to/python3.11`.")
    files = [ROOT / "requirements.txt"] + ([ROOT / "requirements-gpu.txt"] if gpu else [])
    wanted = hashlib.sha256(b"".join(f.read_bytes() for f in files)).hexdigest()
    stamp = VENV / ".installed"
    if stamp.exists() and stamp.read_text() == wanted and PYTHON.exists():
        return
    try:
        stamp.unlink(missing_ok=True)
        if not healthy():
            shutil.rmtree(VENV, ignore_errors=True)
            print("setup: making .venv", flush=True)
            subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
        print("setup: installing what the book needs (some minutes the first time)", flush=True)
        for file in files:
            subprocess.run([PYTHON, "-m", "pip", "install", "--quiet",
                            "--disable-pip-version-check", "-r", file], check=True)
        stamp.write_text(wanted)
    except subprocess.CalledProcessError as error:
        stop(f"`{' '.join(map(str, error.cmd[1:4]))}` failed (its words are above). Most often the "
             "network can't be reached or the disk is full (about 3 GB are needed; `df -h .` "
             "tells). Mend that and run the same command again: it goes on from here.")
    except OSError as error:
        stop(f"{error}. Is the disk full (`df -h .`) or the folder read-only? Then run again.")


if __name__ == "__main__":
    main(gpu="--gpu" in sys.argv)

"""One command in a process of its own: its exit code, its seconds and its peak memory.

A child's peak counts what its parent held before the child's program was loaded, so this module starts itself as a small process,
which starts the command. Of a command that starts processes itself, the largest one counts, not the sum.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Usage:
    """What one command took; `cpu_seconds` sums all cores, `mb` is the peak of resident memory."""

    seconds: float
    cpu_seconds: float
    mb: int


def run(command: Sequence[str | Path]) -> Usage:
    """Runs a command that must succeed.

    Raises:
        RuntimeError: It failed; the message ends with what it said last.
    """
    small = [sys.executable, "-I", "-S", __file__, *map(str, command)]
    done = subprocess.run(small, capture_output=True, text=True, check=True)  # noqa: S603 -- the benchmark's own commands
    code, *usage = json.loads(done.stdout)
    if code:
        raise RuntimeError(f"{' '.join(map(str, command))} ended with {code}: {done.stderr[-2000:]}")
    return Usage(*usage)


def _measure(command: list[str]) -> tuple[int, float, float, int]:
    began = time.perf_counter()
    child = subprocess.Popen(command, stdout=sys.stderr)  # noqa: S603 -- the benchmark's own commands
    _, status, usage = os.wait4(child.pid, 0)
    seconds, kib = time.perf_counter() - began, 2**20 if sys.platform == "darwin" else 2**10  # macOS counts in bytes
    return os.waitstatus_to_exitcode(status), seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss // kib


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_measure(sys.argv[1:])))

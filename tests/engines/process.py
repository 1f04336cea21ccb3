"""A server for the tests in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

EMULATORS = Path(__file__).parent.parent / "emulators"


@contextmanager
def emulator(script: str, *arguments: str) -> Iterator[tuple[int, Path]]:
    """Runs a script of tests/emulators, which writes its port into a file; yields both."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "port"
        process = subprocess.Popen([sys.executable, str(EMULATORS / script), str(file), *arguments])
        try:
            while not (file.is_file() and file.read_text()):
                assert process.poll() is None, f"{script} has ended"
                time.sleep(0.1)
            yield int(file.read_text()), file
        finally:
            process.kill()
            process.wait()

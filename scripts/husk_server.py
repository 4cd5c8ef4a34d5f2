"""Runs a husk binary on a free port for as long as a `with` block lasts. Standard library only."""

import collections
import re
import signal
import subprocess
import threading


class HuskServer:
    """`husk serve` on 127.0.0.1 and a port of the system's choice, stopped by its pid at the end."""

    # The server logs where it listens; how the line is dressed is its own affair.
    ADDRESS = re.compile(r"127\.0\.0\.1:([1-9][0-9]*)")

    def __init__(self, binary, *flags, prefix=(), start_seconds=20, stop_seconds=20):
        self.command = [*prefix, binary, "serve", "--host", "127.0.0.1", "--port", "0", *flags]
        self.start_seconds = start_seconds
        self.stop_seconds = stop_seconds
        self.last_lines = collections.deque(maxlen=40)
        self.port = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        listening_or_ended = threading.Event()
        # Reads for as long as the server runs: a full pipe would stop it.
        threading.Thread(target=self._read, args=(listening_or_ended,), daemon=True).start()
        listening_or_ended.wait(self.start_seconds)
        if self.port is None:
            self.process.kill()
            self.process.wait()
            raise RuntimeError(f"{' '.join(self.command)} did not say where it listens\n{self.log()}")
        return self

    def _read(self, listening_or_ended):
        for line in self.process.stdout:
            self.last_lines.append(line.rstrip())
            if self.port is None and (found := self.ADDRESS.search(line)):
                self.port = int(found[1])
                listening_or_ended.set()
        listening_or_ended.set()

    def __exit__(self, kind, *_):
        ended_early = self.process.poll() is not None
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(self.stop_seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            status = f"none within {self.stop_seconds} s of SIGTERM"
        if kind is None and (ended_early or status != 0):
            when = "by itself" if ended_early else "after SIGTERM"
            raise RuntimeError(f"the server ended {when}, exit status {status}, expected 0\n{self.log()}")

    def log(self):
        return "\n".join(f"  | {line}" for line in self.last_lines)

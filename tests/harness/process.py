"""A program that runs beside the test, with its output kept and readable while it runs."""

import os
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import Callable, Optional

AS_ROOT = [] if os.geteuid() == 0 else ["sudo", "-n"]

running: list["Background"] = []
"""Every program started in the current test, for the report of a failure."""


class Background:
    """Starts a program and collects its lines. Leaving the `with` block ends it."""

    def __init__(
        self,
        command: list,
        name: str = "",
        env: Optional[dict] = None,
        cwd: Optional[Path] = None,
        separate_stderr: bool = False,
        stdin: Optional[str] = None,
        reads_lines: bool = False,
    ):
        self.command = [str(part) for part in command]
        self.name = name or Path(self.command[0]).name
        self.lines: list[str] = []
        self.errors: list[str] = []
        self._news = threading.Condition()
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.PIPE if stdin is not None or reads_lines else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if separate_stderr else subprocess.STDOUT,
            env=env,
            cwd=cwd,
            start_new_session=True,
        )
        streams = [(self.process.stdout, self.lines)]
        if separate_stderr:
            streams.append((self.process.stderr, self.errors))
        self._readers = [threading.Thread(target=self._read, args=pair, daemon=True) for pair in streams]
        for reader in self._readers:
            reader.start()
        if stdin is not None:
            self.process.stdin.write(stdin.encode())
            self.process.stdin.close()
        running.append(self)

    def _read(self, stream, lines):
        for raw in stream:
            with self._news:
                lines.append(raw.decode(errors="replace").rstrip("\n"))
                self._news.notify_all()
        with self._news:
            self._news.notify_all()

    def wait_for(self, wanted: str | Callable[[str], bool], timeout: float = 15) -> str:
        """The first line that holds `wanted`; fails when the program ends or `timeout` s pass without it."""
        matches = wanted if callable(wanted) else lambda line: wanted in line
        deadline = time.monotonic() + timeout
        seen = 0
        with self._news:
            while True:
                while seen < len(self.lines):
                    if matches(self.lines[seen]):
                        return self.lines[seen]
                    seen += 1
                ended = self.process.poll() is not None and not any(r.is_alive() for r in self._readers)
                left = deadline - time.monotonic()
                if ended or left <= 0:
                    why = "ended" if ended else f"said nothing of it within {timeout:.0f} s"
                    raise AssertionError(f"{self.name} {why}; wanted {wanted!r}\n{self.tail()}")
                self._news.wait(min(left, 0.2))

    def write_line(self, line: str) -> None:
        """To a program that was started with `reads_lines`."""
        self.process.stdin.write(f"{line}\n".encode())
        self.process.stdin.flush()

    def finish(self, timeout: float) -> int:
        """Waits for the program to end by itself; its exit code."""
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.stop()
            raise AssertionError(f"{self.name} did not end within {timeout:.0f} s\n{self.tail()}") from None
        for reader in self._readers:
            reader.join(2)
        return code

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def interrupt(self) -> None:
        """Ctrl-C."""
        self.process.send_signal(signal.SIGINT)

    def stop(self, patience: float = 5) -> None:
        """SIGTERM to the program and what it started, then SIGKILL."""
        for sign, wait in ((signal.SIGTERM, patience), (signal.SIGKILL, 5)):
            if self.process.poll() is not None:
                break
            try:
                os.killpg(self.process.pid, sign)
                self.process.wait(wait)
            except (ProcessLookupError, PermissionError, subprocess.TimeoutExpired):
                continue
        for reader in self._readers:
            reader.join(2)

    def tail(self, count: int = 40) -> str:
        """The last lines, as they stand in the report of a failure."""
        return "\n".join([f"$ {' '.join(self.command)}", *self.lines[-count:], *self.errors[-count:]])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def run(command: list, timeout: float = 60, **options) -> str:
    """Runs a program to its end; its output. Fails if it does."""
    done = subprocess.run(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=timeout,
        text=True,
        errors="replace",
        **options,
    )
    assert done.returncode == 0, f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout}"
    return done.stdout


def eventually(condition: Callable[[], object], what: str, timeout: float = 10, pause: float = 0.1):
    """The first true value of `condition`; fails with `what` after `timeout` s."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"not within {timeout:.0f} s: {what}"
        time.sleep(pause)

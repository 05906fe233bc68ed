"""A desktop of its own: Xvfb, openbox, a session bus with accessibility; and a window driven by mouse and keyboard."""

import json
import os
import re
import subprocess
import time
from pathlib import Path
from typing import Optional

from .gudok import Gudok
from .process import Background, eventually

_READER = Path(__file__).parent / "accessibility.py"


class Desktop:
    """Starts everything a window wants to find. `env` is what its programs run with."""

    def __init__(self, folder: Path, size: str = "1280x900"):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        self.folder, self._programs = folder, []
        reading, writing = os.pipe()
        os.set_inheritable(writing, True)
        xvfb = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{size}x24", "-nolisten", "tcp", "-noreset"],
            pass_fds=[writing], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        self._xvfb = xvfb
        os.close(writing)
        with os.fdopen(reading) as told:
            display = told.readline().strip()
        assert display, "Xvfb did not start"
        self.env = {
            "DISPLAY": f":{display}", "XDG_RUNTIME_DIR": str(folder), "HOME": str(folder), "LIBGL_ALWAYS_SOFTWARE": "1",
            "GDK_BACKEND": "x11", "NO_AT_BRIDGE": "0",
        }
        bus = self._start("dbus-daemon", "--session", "--nofork", "--print-address")
        self.env["DBUS_SESSION_BUS_ADDRESS"] = bus.wait_for("unix:", 10)
        self._start("/usr/libexec/at-spi-bus-launcher", "--launch-immediately", "--a11y=1")
        eventually(self._enable_accessibility, "the accessibility bus is up", 10)
        self._start("openbox", "--sm-disable")

    def _start(self, *command: str) -> Background:
        program = Background(list(command), env={**os.environ, **self.env})
        self._programs.append(program)
        return program

    def _enable_accessibility(self) -> bool:
        done = subprocess.run(
            ["dbus-send", "--session", "--print-reply", "--dest=org.a11y.Bus", "/org/a11y/bus"]
            + ["org.freedesktop.DBus.Properties.Set", "string:org.a11y.Status", "string:IsEnabled", "variant:boolean:true"],
            env={**os.environ, **self.env}, capture_output=True, timeout=10,
        )
        return done.returncode == 0

    def run(self, *command) -> str:
        return subprocess.run(
            [str(part) for part in command], env={**os.environ, **self.env}, check=True, capture_output=True, text=True,
            timeout=30,
        ).stdout

    def screenshot(self, path: Path) -> Path:
        self.run("import", "-window", "root", path)
        return path

    def stop(self) -> None:
        for program in reversed(self._programs):
            program.stop(2)
        self._xvfb.terminate()
        self._xvfb.wait(5)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Window(Background):
    """Gudok's window. Elements are found by their accessible names, and then clicked where they are drawn."""

    def __init__(self, gudok: Gudok, desktop: Desktop, *arguments: str):
        self.desktop = desktop
        super().__init__(
            gudok.command(*arguments), name="gudok-window", env={**gudok.env, **desktop.env}, separate_stderr=True
        )
        self.id = eventually(self._find_window, "the window is there", 20).split()[0]
        eventually(self.elements, "the window tells its accessibility tree", 20)

    def _find_window(self) -> str:
        assert self.is_running, self.tail()
        try:
            return self.desktop.run("xdotool", "search", "--onlyvisible", "--pid", self.process.pid)
        except subprocess.CalledProcessError:
            return ""

    def elements(self) -> list[dict]:
        return json.loads(self.desktop.run("/usr/bin/python3", _READER, "gudok"))

    def look_for(self, name: str, role: Optional[str] = None) -> Optional[dict]:
        """The first visible element whose name or value matches, wholly, the expression `name`."""
        for element in self.elements():
            said = (element["name"] or "", element["value"] or "")
            if any(re.fullmatch(name, text) for text in said) and (role is None or re.search(role, element["role"])):
                if element["box"] and element["box"][2] > 0 and element["box"][3] > 0:
                    return element
        return None

    def find(self, name: str, role: Optional[str] = None, timeout: float = 10) -> dict:
        try:
            return eventually(lambda: self.look_for(name, role), f"{role or 'something'} named {name!r} is shown", timeout, 0.3)
        except AssertionError as missing:
            there = [(element["role"], element["name"] or element["value"]) for element in self.elements()]
            raise AssertionError(f"{missing}; there is {there}") from None

    def click(self, name: str, role: Optional[str] = None, timeout: float = 10) -> None:
        """Moves the mouse there and presses, as a person would."""
        element = self.find(name, role, timeout)
        x, y, width, height = element["box"]
        # Told from wherever the toolkit believes the window to be.
        left, top, *_ = next(found["box"] for found in self.elements() if found["role"] == "frame")
        place = (x - left + width // 2, y - top + height // 2)
        self.desktop.run("xdotool", "mousemove", "--window", self.id, "--sync", *place)
        time.sleep(0.1)
        self.desktop.run("xdotool", "click", "1")
        time.sleep(0.2)

    def type(self, text: str) -> None:
        self.desktop.run("xdotool", "type", "--delay", "25", "--", text)
        time.sleep(0.2)

    def press(self, key: str) -> None:
        self.desktop.run("xdotool", "key", "--clearmodifiers", key)
        time.sleep(0.2)

    def fill(self, name: str, text: str) -> None:
        """Puts `text` into a field in place of what is there."""
        self.click(name)
        self.press("ctrl+a")
        self.type(text)

    def screenshot(self, name: str) -> Path:
        folder = Path(os.environ.get("GUDOK_SCREENSHOTS") or self.desktop.folder)
        folder.mkdir(parents=True, exist_ok=True)
        return self.desktop.screenshot(folder / f"{name}.png")

    def processor_seconds(self) -> float:
        """Processor time used so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

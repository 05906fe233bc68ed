"""The program under test, each with a profile folder of its own."""

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Optional

from .process import Background, eventually

REPOSITORY = Path(__file__).parent.parent.parent


def binary() -> Path:
    """`GUDOK_BIN`, or what `cargo build --release` made."""
    target = Path(os.environ.get("CARGO_TARGET_DIR") or REPOSITORY / "target")
    return Path(os.environ.get("GUDOK_BIN") or target / "release" / "gudok")


class Outcome(dict):
    """The last JSON object a command printed, with its exit code."""

    def __init__(self, code: int, stdout: str, stderr: str, command: list):
        self.code, self.stdout, self.stderr, self.command = code, stdout, stderr, command
        self.objects = []
        for line in stdout.splitlines():
            try:
                parsed = json.loads(line)
            except ValueError:
                continue
            if isinstance(parsed, dict):
                self.objects.append(parsed)
        super().__init__(self.objects[-1] if self.objects else {})

    def __str__(self):
        return f"$ {' '.join(map(str, self.command))}\nexit {self.code}\n{self.stdout}\n{self.stderr}"

    @property
    def problem(self) -> Optional[str]:
        return (self.get("problem") or {}).get("kind")

    def completed(self) -> "Outcome":
        """Fails unless the call was set up and ended as calls do."""
        assert self.code == 0 and self.get("result") == "completed", str(self)
        return self

    def failed(self, *kinds: str) -> "Outcome":
        """Fails unless the call failed with one of these problems and says so to a person."""
        assert self.code == 1 and self.problem in kinds and self.get("text"), f"wanted {kinds}\n{self}"
        return self


class Gudok:
    """Runs the program's commands in one profile."""

    def __init__(self, profile: Path, language: str = "en", listen: Optional[str] = None, env: Optional[dict] = None):
        self.profile, self.language, self.listen = profile, language, listen
        profile.mkdir(parents=True, exist_ok=True)
        self.env = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
        # No key store and no sound server of the machine's own may take part.
        self.env.update(PULSE_SERVER="unix:/nonexistent", PULSE_RUNTIME_PATH=str(profile), XDG_RUNTIME_DIR=str(profile))
        self.env.update(ALSA_CONFIG_PATH="/dev/null", HOME=str(profile))
        self.env.pop("DBUS_SESSION_BUS_ADDRESS", None)
        self.env.update(env or {})

    def command(self, *arguments) -> list[str]:
        options = ["--profile", self.profile, "--lang", self.language]
        if self.listen:
            options += ["--listen", self.listen]
        return [str(part) for part in [binary(), *options, *arguments]]

    def run(self, *arguments, stdin: str = "", timeout: float = 60) -> Outcome:
        command = self.command(*arguments)
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=timeout, env=self.env)
        return Outcome(done.returncode, done.stdout, done.stderr, command)

    def start(self, *arguments) -> Background:
        return Background(self.command(*arguments), name="gudok", env=self.env, separate_stderr=True)

    def add_account(self, name: str, password: Optional[str] = None, **settings) -> str:
        """Makes an account; its identifier."""
        words = [f"{key}={value}" for key, value in settings.items()]
        added = self.run(
            "--secrets", "file", "account", "add", name, *words, *(["--password-stdin"] if password else []),
            stdin=f"{password}\n" if password else "",
        )
        assert added.code == 0 and added.stdout.strip(), str(added)
        return added.stdout.split()[-1]

    def call(
        self, target: str, account: str, says="silence", hears="silence", seconds=3.0, dtmf=None, record=False, timeout=90,
        follow_redirects=False,
    ) -> Outcome:
        """Calls and waits for the end."""
        words = ["call", target, "--account", account, "--json", "--for", f"{seconds:g}s"]
        words += ["--audio-in", device(says), "--audio-out", device(hears)]
        words += ["--dtmf", dtmf] if dtmf else []
        words += ["--record"] if record else []
        words += ["--follow-redirects"] if follow_redirects else []
        return self.run(*words, timeout=timeout)

    def answering(self, account: str, says="silence", hears="silence", calls=1, seconds=None) -> "Answering":
        """Waits for calls beside the test."""
        words = ["answer", "--account", account, "--json", "--calls", calls]
        words += ["--audio-in", device(says), "--audio-out", device(hears)]
        words += ["--for", f"{seconds:g}s"] if seconds else []
        return Answering(self, words)

    def engine(self, says="silence", hears="silence") -> "Engine":
        """The engine alone, driven through its control socket."""
        return Engine(self, ["--audio-in", device(says), "--audio-out", device(hears)])

    def engine_with_own_devices(self) -> "Engine":
        """The engine with the devices of its settings, through which tones are heard, too."""
        return Engine(self, [])


def device(spec) -> str:
    return f"file:{spec}" if isinstance(spec, Path) else spec


class Answering(Background):
    """`gudok answer`, ready to be called."""

    def __init__(self, gudok: Gudok, words: list):
        super().__init__(gudok.command(*words), name="gudok-answer", env=gudok.env, separate_stderr=True)
        ready = json.loads(self.wait_for('"ready"', 20))
        self.listening: list[str] = ready.get("listen", [])

    @property
    def port(self) -> int:
        return int(self.listening[0].rsplit(":", 1)[1])

    def outcome(self, timeout: float = 60) -> Outcome:
        """The first call's outcome, once all calls are over."""
        code = self.finish(timeout)
        whole = Outcome(code, "\n".join(self.lines), "\n".join(self.errors), self.command)
        calls = [found for found in whole.objects if "result" in found]
        assert calls, str(whole)
        whole.clear()
        whole.update(calls[0])
        return whole


class Engine(Background):
    """`gudok run --headless` and `gudok ctl`."""

    def __init__(self, gudok: Gudok, devices: list[str]):
        self.gudok = gudok
        super().__init__(
            gudok.command("run", "--headless", *devices), name="gudok-run", env=gudok.env, separate_stderr=True
        )
        eventually(lambda: self._answers() or not self.is_running, "the control socket answers", 15)
        assert self.is_running, self.tail()

    def _answers(self) -> bool:
        return self.gudok.run("ctl", "status").code == 0

    def ask(self, method: str, **parameters) -> Outcome:
        return self.gudok.run("ctl", method, *([json.dumps(parameters)] if parameters else []))

    def tell(self, method: str, **parameters) -> Outcome:
        """A command that has to succeed."""
        reply = self.ask(method, **parameters)
        assert reply.code == 0, str(reply)
        return reply

    def status(self) -> dict:
        reply = self.gudok.run("ctl", "status")
        assert reply.code == 0, str(reply)
        status = json.loads(reply.stdout)
        return status.get("result", status)

    def account(self, name: str) -> dict:
        accounts = self.status()["accounts"]
        return next(account for account in accounts if name in (account["id"], account["name"]))

    def registration(self, name: str) -> tuple[str, Optional[str]]:
        """State and the problem's kind."""
        registration = self.account(name)["registration"]
        return registration["state"], (registration["reason"] or {}).get("kind")

    def wait_registered(self, name: str, timeout: float = 15) -> None:
        eventually(lambda: self.registration(name)[0] == "registered", f"{name} is registered", timeout)

    def wait_registration_problem(self, name: str, timeout: float = 20) -> str:
        return eventually(lambda: self.registration(name)[1], f"{name} has a problem", timeout)

    def calls(self) -> list[dict]:
        return self.status()["calls"]

    def wait_call(self, *states: str, timeout: float = 15) -> dict:
        """The newest call, once it is in one of these states."""

        def newest():
            calls = self.calls()
            return calls[-1] if calls and calls[-1]["state"]["state"] in states else None

        return eventually(newest, f"a call is {' or '.join(states)}", timeout)

    def call(self, identifier: int) -> dict:
        return next(call for call in self.calls() if call["id"] == identifier)

    def wait_state(self, identifier: int, *states: str, timeout: float = 15) -> dict:
        """A call, once it is in one of these states."""

        def there():
            found = self.call(identifier)
            return found if found["state"]["state"] in states else None

        return eventually(there, f"call {identifier} is {' or '.join(states)}", timeout)

    def live(self) -> list[dict]:
        """The calls that are not over."""
        return [call for call in self.calls() if call["state"]["state"] != "ended"]

    def received(self, identifier: int) -> int:
        """Packets of sound that came in a call; they are counted from its first second on."""

        def counted():
            return next(call for call in self.calls() if call["id"] == identifier)["quality"]

        return eventually(counted, "there are figures of the call", 5)["received_packets"]

    def dial(self, target: str, account: str) -> dict:
        """Dials; the call once it is known."""
        before = {call["id"] for call in self.calls()}
        self.tell("dial", target=target, account=self.account(account)["id"])
        return eventually(
            lambda: next((call for call in self.calls() if call["id"] not in before), None), f"{target} is dialled", 5
        )

    def quit(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.finish(15)

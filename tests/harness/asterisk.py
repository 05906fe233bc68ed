"""Asterisk 22 in its own Debian root, on free ports."""

import os
import re
import shutil
import tempfile
from pathlib import Path

from .certificates import Certificates
from .ports import free_ports
from .process import AS_ROOT, Background, eventually, run

_TEMPLATES = Path(__file__).parent.parent / "peers" / "asterisk"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gudok-tests"
ROOT = CACHE / "asterisk"

PASSWORDS = {f"60{number:02}": f"secret{number}" for number in range(1, 15) if number != 7}
"""6001 takes SHA-256 or MD5, 6002 MD5 only, 6003 SHA-256 only; 6004 encrypts by SDES, 6005 by DTLS, 6013 by SDES if the
phone does; 6006 requires 100rel and session timers; 6008 speaks
A-law only, 6009 µ-law only; 6010 has its digits as tones, 6011 in INFO, 6012 speaks G.722 only. 6001 may ask for his
voicemail, 6014 is told of his without asking."""


class Asterisk(Background):
    """Extensions: 600 echo, 601 milliwatt, 604 reads four digits, 605 rings without end, 606 busy, 607 sends DTMF."""

    def __init__(self, certificates: Certificates):
        self.certificates = certificates
        assert (ROOT / ".complete").exists(), f"no Asterisk in {ROOT}: run tests/run.sh"
        self.port = free_ports(2)
        self.tls_port = self.port + 1
        rtp = free_ports(64)
        with tempfile.TemporaryDirectory(prefix="asterisk-") as staging:
            inside = Path("/tmp") / Path(staging).name
            self.folder = ROOT / inside.relative_to("/")
            self._configuration = inside / "asterisk.conf"
            values = {
                "DIR": inside,
                "PORT": self.port,
                "TLSPORT": self.tls_port,
                "RTPFIRST": rtp,
                "RTPLAST": rtp + 63,
                "MODULES": "/" + str(next((ROOT / "usr/lib").glob("*/asterisk/modules")).relative_to(ROOT)),
            }
            for template in _TEMPLATES.glob("*.conf"):
                text = template.read_text()
                for key, value in values.items():
                    text = text.replace(f"@{key}@", str(value))
                (Path(staging) / template.name).write_text(text)
            for file in (certificates.ca, certificates.certificate, certificates.key):
                shutil.copy(file, staging)
            run(AS_ROOT + ["cp", "-r", staging, self.folder])
        run(AS_ROOT + ["chroot", ROOT, "chown", "-R", "asterisk:asterisk", inside])
        super().__init__(
            AS_ROOT
            + ["bash", _TEMPLATES / "enter.sh", ROOT]
            + ["asterisk", "-f", "-U", "asterisk", "-G", "asterisk", "-C", self._configuration, "-v"],
            name="asterisk",
        )
        eventually(lambda: self._is_ready() or not self.is_running, "Asterisk is up", 40, 0.3)
        assert self.is_running, self.tail()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def address_v6(self) -> str:
        return f"[::1]:{self.port}"

    @property
    def address_tls(self) -> str:
        return f"localhost:{self.tls_port}"

    def ask(self, command: str) -> str:
        """A command of Asterisk's own command line, and what it answers."""
        return run(AS_ROOT + ["chroot", ROOT, "asterisk", "-C", self._configuration, "-rx", command])

    def _is_ready(self) -> bool:
        try:
            return "fully booted" in self.ask("core waitfullybooted").lower()
        except AssertionError:
            return False

    def is_registered(self, user: str) -> bool:
        return re.search(rf"Contact:\s+{user}/", self.ask("pjsip show contacts")) is not None

    def wait_registered(self, user: str) -> None:
        eventually(lambda: self.is_registered(user), f"{user} is registered at Asterisk", 10, 0.3)

    def call(self, user: str, extension: str) -> None:
        """Rings a registered user; once answered he is connected to `extension`."""
        self.ask(f"channel originate PJSIP/{user} extension {extension}@test")

    def channels(self) -> list[str]:
        """The legs of calls there are."""
        return [line for line in self.ask("core show channels concise").splitlines() if "!" in line]

    def wait_no_channels(self) -> None:
        eventually(lambda: not self.channels(), "no leg is left over at Asterisk", 10, 0.3)

    def empty_voicemail(self, user: str) -> None:
        """Removes the messages that a user has not heard."""
        for message in re.findall(r"\b\d{6,}-\w+", self.ask(f"voicemail show mailbox {user} default")):
            self.ask(f"voicemail remove {user} default INBOX {message}")

    def forget_digits(self) -> None:
        self.ask('dialplan set global DIGITS ""')

    def digits_heard(self) -> str:
        """What extension 604 read."""
        found = re.search(r"\bDIGITS=(\S*)", self.ask("dialplan show globals"))
        return found[1] if found else ""

    def stop(self, patience: float = 5) -> None:
        if self.is_running:
            try:
                self.ask("core stop now")
                self.process.wait(patience)
            except (AssertionError, OSError):
                pass
        super().stop(patience)
        run(AS_ROOT + ["rm", "-rf", self.folder])

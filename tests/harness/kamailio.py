"""Kamailio: registrar and proxy on free ports, over UDP, TCP, TLS and IPv6."""

import re
from pathlib import Path
from typing import Optional

from .certificates import Certificates
from .ports import free_ports
from .process import Background, eventually, run

_TEMPLATES = Path(__file__).parent.parent / "peers" / "kamailio"
PASSWORDS = {"alice": "alicepw", "bob": "bobpw", "carol": "carolpw"}


class Kamailio(Background):
    """Users of [`PASSWORDS`]; digest with MD5, or with SHA-256 if `sha256`."""

    def __init__(self, folder: Path, certificates: Certificates, sha256: bool = False):
        self.folder, self.certificates = folder, certificates
        self.port = free_ports(2)
        self.tls_port = self.port + 1
        modules = next(Path("/usr/lib").glob("*/kamailio/modules"))
        values = {
            "DIR": folder,
            "TLS": certificates.folder,
            "PORT": self.port,
            "TLSPORT": self.tls_port,
            "MODULES": modules,
        }
        for name in ("kamailio.cfg", "tls.cfg"):
            text = (_TEMPLATES / name).read_text()
            for key, value in values.items():
                text = text.replace(f"@{key}@", str(value))
            (folder / name).write_text(text)
        self._start(["-A", "SHA256"] if sha256 else [])

    def _start(self, options: list) -> None:
        folder = self.folder
        super().__init__(
            ["kamailio", "-DD", "-E", "-P", folder / "pid", "-Y", folder, "-f", folder / "kamailio.cfg", *options],
            name="kamailio",
        )
        eventually(lambda: self._answers() or not self.is_running, "Kamailio answers", 15)
        assert self.is_running, self.tail()

    def again(self) -> "Kamailio":
        """Starts a stopped server on the same ports."""
        self._start([])
        return self

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def address_v6(self) -> str:
        return f"[::1]:{self.port}"

    @property
    def address_tls(self) -> str:
        return f"localhost:{self.tls_port}"

    def _ask(self, *command: str) -> str:
        return run(["kamcmd", "-s", f"unix:{self.folder}/ctl", *command])

    def _answers(self) -> bool:
        try:
            return "uptime" in self._ask("core.uptime")
        except AssertionError:
            return False

    def contact_of(self, user: str) -> Optional[str]:
        """The Contact a user is registered with."""
        for entry in re.split(r"\bInfo: \{", self._ask("ul.dump")):
            if re.search(rf"AoR: {user}\b", entry):
                address = re.search(r"Address: (\S+)", entry)
                return address[1] if address else None
        return None

    def forget(self) -> None:
        """Forgets every contact: one that a killed phone has left would be called, too."""
        for user in set(re.findall(r"AoR: (\S+)", self._ask("ul.dump"))):
            self._ask("ul.rm", "location", user)

    def wait_registered(self, user: str, timeout: float = 10) -> str:
        return eventually(lambda: self.contact_of(user), f"{user} is registered at Kamailio", timeout)

    def wait_unregistered(self, user: str, timeout: float = 10) -> None:
        eventually(lambda: not self.contact_of(user), f"{user} is no longer registered", timeout)

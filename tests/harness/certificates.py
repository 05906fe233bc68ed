"""A private certificate authority and a certificate of it for the servers of the tests."""

from dataclasses import dataclass
from pathlib import Path

from .process import run


@dataclass(frozen=True)
class Certificates:
    folder: Path

    @property
    def ca(self) -> Path:
        return self.folder / "ca.pem"

    @property
    def certificate(self) -> Path:
        return self.folder / "srv.pem"

    @property
    def key(self) -> Path:
        return self.folder / "srv.key"


def make(folder: Path, names: str = "DNS:localhost,DNS:sip.test,IP:127.0.0.1,IP:::1") -> Certificates:
    """Makes both in `folder`. `names` is the certificate's subjectAltName."""
    made = Certificates(folder)
    folder.mkdir(parents=True, exist_ok=True)
    extensions = folder / "extensions"
    extensions.write_text(f"subjectAltName={names}\nextendedKeyUsage=serverAuth,clientAuth\nbasicConstraints=CA:FALSE\n")
    run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=Test CA"]
        + ["-addext", "keyUsage=critical,keyCertSign,cRLSign", "-keyout", folder / "ca.key", "-out", made.ca]
    )
    run(
        ["openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"]
        + ["-keyout", made.key, "-out", folder / "srv.csr"]
    )
    run(
        ["openssl", "x509", "-req", "-in", folder / "srv.csr", "-CA", made.ca, "-CAkey", folder / "ca.key"]
        + ["-CAcreateserial", "-out", made.certificate, "-days", "30", "-extfile", extensions]
    )
    return made

"""SIPp: scripted callers and callees that check every message of the exchange."""

import struct
from pathlib import Path
from typing import Optional

import numpy as np

from .ports import free_ports
from .process import AS_ROOT, Background

SCENARIOS = Path(__file__).parent.parent / "peers" / "sipp"


class Sipp(Background):
    """Plays one scenario, either SIPp's own (`uac`, `uas`) or a file of tests/peers/sipp with `values` for its @WORDS@."""

    def __init__(
        self,
        folder: Path,
        scenario: str,
        target: Optional[str] = None,
        service: str = "service",
        calls: int = 1,
        options: tuple = (),
        values: Optional[dict[str, str]] = None,
        address: str = "127.0.0.1",
    ):
        self.port = free_ports(2)
        media = free_ports(8)
        folder.mkdir(parents=True, exist_ok=True)
        template = SCENARIOS / f"{scenario}.xml"
        if template.exists():
            text = template.read_text()
            for key, value in (values or {}).items():
                text = text.replace(f"@{key}@", value)
            (folder / template.name).write_text(text)
            command = ["sipp", "-sf", folder / template.name]
        else:
            command = ["sipp", "-sn", scenario]
        command += [target] if target else []
        command += ["-i", address, "-p", self.port, "-mp", media, "-s", service, "-m", calls]
        command += ["-nostdin", "-timeout", "60s", "-timeout_error", "-trace_err", "-error_file", folder / "errors.log"]
        command += ["-trace_msg", "-message_file", folder / "messages.log"]
        self.messages = folder / "messages.log"
        self.address = f"[{address}]:{self.port}" if ":" in address else f"{address}:{self.port}"
        # Playing a capture needs a raw socket.
        super().__init__((AS_ROOT if scenario == "uac_pcap" else []) + command + list(options), name=f"sipp-{scenario}", cwd=folder)

    def succeeds(self, timeout: float = 60) -> None:
        """Waits for the end and fails unless every message of every call was as the scenario wants it."""
        code = self.finish(timeout)
        log = self.messages.read_text(errors="replace")[-6000:] if self.messages.exists() else ""
        assert code == 0, f"SIPp ended with {code}\n{self.tail(20)}\n{log}"


def write_alaw_capture(path: Path, samples: np.ndarray) -> None:
    """A capture file with RTP of 20 ms A-law packets, made from 8 kHz samples between -1 and 1."""
    encoded = encode_alaw(samples)
    with path.open("wb") as capture:
        capture.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for number in range(len(encoded) // 160):
            payload = encoded[number * 160 : (number + 1) * 160]
            rtp = struct.pack("!BBHII", 0x80, 8 | (0x80 if number == 0 else 0), number, number * 160, 0x47554F4B) + payload
            udp = struct.pack("!HHHH", 6000, 6002, 8 + len(rtp), 0) + rtp
            ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), number, 0, 64, 17, 0, b"\x7f\0\0\1", b"\x7f\0\0\1") + udp
            frame = b"\0" * 12 + b"\x08\x00" + ip
            capture.write(struct.pack("<IIII", number // 50, number % 50 * 20000, len(frame), len(frame)) + frame)


def encode_alaw(samples: np.ndarray) -> bytes:
    """ITU-T G.711 A-law."""
    value = np.clip(np.round(samples * 32767), -32768, 32767).astype(int) >> 3
    sign = np.where(value >= 0, 0x80, 0)
    magnitude = np.where(value >= 0, value, -value - 1)
    exponent = np.clip(np.floor(np.log2(np.maximum(magnitude, 1))).astype(int) - 4, 0, 7)
    mantissa = (magnitude >> np.maximum(exponent, 1)) & 0x0F
    return bytes(((sign | exponent << 4 | mantissa) ^ 0x55).astype(np.uint8))

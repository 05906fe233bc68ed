"""A black-box caller: how long a telephone takes to answer, and how long sound takes through it and back."""

import ctypes
import os
import random
import re
import socket
import statistics
import struct
import threading
import time
from dataclasses import dataclass
from math import pi, sin
from pathlib import Path

PACKET_S = 0.02
LOUD = 6000


def encode_ulaw(sample: int) -> int:
    sign, magnitude = (0x80, -sample) if sample < 0 else (0, sample)
    magnitude = min(magnitude, 32635) + 132
    exponent = max(0, magnitude.bit_length() - 8)
    return ~(sign | exponent << 4 | magnitude >> exponent + 3 & 15) & 0xFF


def decode_ulaw(octet: int) -> int:
    octet = ~octet & 0xFF
    value = (((octet & 15) << 3) + 132 << (octet >> 4 & 7)) - 132
    return -value if octet & 0x80 else value


_ULAW = [decode_ulaw(octet) for octet in range(256)]


class Ulaw:
    rate, payload_type = 8000, 0
    description = "a=rtpmap:0 PCMU/8000\r\n"

    def encode(self, samples: list[int]) -> bytes:
        return bytes(map(encode_ulaw, samples))

    def peak(self, payload: bytes) -> int:
        return max((abs(_ULAW[octet]) for octet in payload), default=0)


class Opus:
    """By the system's libopus."""

    rate, payload_type = 48000, 111
    description = "a=rtpmap:111 opus/48000/2\r\na=fmtp:111 useinbandfec=0\r\n"

    def __init__(self):
        self._library = ctypes.CDLL("libopus.so.0")
        error = ctypes.c_int()
        for create in (self._library.opus_encoder_create, self._library.opus_decoder_create):
            create.restype = ctypes.c_void_p
        self._encoder = ctypes.c_void_p(self._library.opus_encoder_create(48000, 1, 2048, ctypes.byref(error)))
        self._decoder = ctypes.c_void_p(self._library.opus_decoder_create(48000, 1, ctypes.byref(error)))

    def encode(self, samples: list[int]) -> bytes:
        pcm, packet = (ctypes.c_short * len(samples))(*samples), ctypes.create_string_buffer(1500)
        length = self._library.opus_encode(self._encoder, pcm, len(samples), packet, 1500)
        return packet.raw[:length]

    def peak(self, payload: bytes) -> int:
        pcm = (ctypes.c_short * 5760)()
        count = self._library.opus_decode(self._decoder, payload, len(payload), pcm, 5760, 0)
        return max((abs(sample) for sample in pcm[: max(count, 0)]), default=0)


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib(pid: int) -> float:
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) / 1024


@dataclass(frozen=True)
class Loop:
    """What a call with sound told."""

    delay_ms: float
    """Median time from the first packet of a tone burst to the first packet that brings it back."""
    heard: int
    sent: int
    processor_percent: float
    resident_mib: float


class Probe:
    """Calls sip:user@host:port over UDP, again and again."""

    def __init__(self, uri: str):
        self.uri = uri
        host, port = re.match(r"sip:[^@]*@([\d.]+):(\d+)", uri).groups()
        self._peer = host, int(port)

    def setup_ms(self) -> float:
        """One call without sound: from INVITE to its 200."""
        with _Call(self.uri, self._peer, Ulaw()) as call:
            return call.setup_s * 1000

    def loop(self, codec, seconds: float, pid: int) -> Loop:
        """One call whose far side sends back what it hears."""
        with _Call(self.uri, self._peer, codec) as call:
            return call.measure(seconds, pid)


class _Call:
    def __init__(self, uri, peer, codec):
        self._uri, self._peer, self._codec = uri, peer, codec
        self._sip, self._rtp = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        for one in (self._sip, self._rtp):
            one.bind(("127.0.0.1", 0))
        self._sip.settimeout(5)
        self._rtp.settimeout(0.3)
        self._me = "127.0.0.1:%d" % self._sip.getsockname()[1]
        self._call_id, self._tag = f"{random.getrandbits(64):x}", f"{random.getrandbits(32):x}"
        self._to, self._contact = f"<{uri}>", uri

    def __enter__(self):
        port, kind = self._rtp.getsockname()[1], self._codec.payload_type
        offer = (
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {port} RTP/AVP {kind} 101\r\n{self._codec.description}"
            "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n"
        )
        began = time.perf_counter()
        self._send("INVITE", 1, offer)
        while True:
            answer = self._sip.recv(65535).decode(errors="replace")
            arrived = time.perf_counter()
            status = int(answer.split()[1]) if answer.startswith("SIP/2.0") else 0
            if status >= 200:
                break
        assert status == 200, answer
        self.setup_s = arrived - began
        self._to = re.search(r"(?im)^(?:To|t):\s*(.*?)\r?$", answer)[1]
        self._contact = re.search(r'(?im)^(?:Contact|m):\s*(?:"[^"]*"\s*)?<?([^>;\r]*)', answer)[1]
        self._send("ACK", 1)
        media = re.search(r"m=audio (\d+) \S+ (\d+)", answer)
        self._media, self._kind = ("127.0.0.1", int(media[1])), int(media[2])
        return self

    def __exit__(self, *_):
        self._send("BYE", 2)
        try:
            while not self._sip.recv(65535).startswith(b"SIP/2.0 200"):
                pass
        except TimeoutError:
            pass
        self._sip.close()
        self._rtp.close()

    def _send(self, method: str, number: int, body: str = "") -> None:
        target = self._uri if method == "INVITE" else self._contact
        message = (
            f"{method} {target} SIP/2.0\r\nVia: SIP/2.0/UDP {self._me};branch=z9hG4bK{random.getrandbits(48):x};rport\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:probe@{self._me}>;tag={self._tag}\r\nTo: {self._to}\r\n"
            f"Call-ID: {self._call_id}\r\nCSeq: {number} {method}\r\nContact: <sip:probe@{self._me}>\r\n"
            + ("Content-Type: application/sdp\r\n" if body else "")
            + f"Content-Length: {len(body)}\r\n\r\n{body}"
        )
        self._sip.sendto(message.encode(), self._peer)

    def measure(self, seconds: float, pid: int) -> Loop:
        rate, count = self._codec.rate, int(self._codec.rate * PACKET_S)
        tone = [int(24000 * sin(2 * pi * 1000 * n / rate)) for n in range(count)]
        silence = [0] * count
        sent, heard, over = [], [], threading.Event()

        def listen():
            last = 0.0
            while not over.is_set():
                try:
                    packet = self._rtp.recv(2000)
                except TimeoutError:
                    continue
                now = time.perf_counter()
                if packet[1] & 0x7F == self._kind and self._codec.peak(packet[12:]) > LOUD:
                    if now - last > 0.4:
                        heard.append(now)
                    last = now

        listener = threading.Thread(target=listen)
        listener.start()
        began, used = time.perf_counter(), processor_seconds(pid)
        source = random.getrandbits(31)
        for number in range(int(seconds / PACKET_S)):
            burst = number > 50 and number % 50 in (25, 26)
            payload = self._codec.encode(tone if burst else silence)
            time.sleep(max(0.0, began + number * PACKET_S - time.perf_counter()))
            if burst and number % 50 == 25:
                sent.append(time.perf_counter())
            marker = 0x80 if number == 0 else 0
            header = struct.pack("!BBHII", 0x80, self._kind | marker, number & 0xFFFF, number * count, source)
            self._rtp.sendto(header + payload, self._media)
        elapsed = time.perf_counter() - began
        used, resident = processor_seconds(pid) - used, resident_mib(pid)
        over.set()
        listener.join()
        delays = [
            min(later) * 1000 for at in sent if (later := [arrival - at for arrival in heard if 0 < arrival - at < 0.9])
        ]
        return Loop(
            statistics.median(delays) if delays else float("nan"), len(delays), len(sent), 100 * used / elapsed, resident
        )

"""A bad network between two people: two network namespaces whose TUN devices are joined by a program in user space.

Only RTP is lost, delayed unevenly and overtaken; what happens to a packet follows from the seed, its direction and its
number since the last `mark`, so that every phone meets the same network. Run as a program it is that network:
usage: network.py DEVICE_NAMESPACE_A DEVICE_NAMESPACE_B SEED CONDITIONS-AS-JSON
"""

import ctypes
import fcntl
import heapq
import itertools
import json
import os
import random
import select
import struct
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Iterator, Optional

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

from harness.process import Background, run  # noqa: E402

ADDRESSES = {"A": "10.99.0.1", "B": "10.99.0.2"}
PREFIX = "gudok-bench"
OVERTAKEN_MS = 30.0
"""How long an overtaken packet is held: at 20 ms a packet, one or two others pass it."""


@dataclass(frozen=True)
class Conditions:
    """What the network does to RTP in each direction. With `burst`, losses come in runs of that many packets on the
    average (Gilbert's model); without it each packet is lost by itself."""

    loss_percent: float = 0
    burst: Optional[float] = None
    delay_ms: float = 0
    jitter_ms: float = 0
    """Each packet takes between 0 and this much longer, evenly distributed, so that neighbours overtake each other."""
    overtaken_percent: float = 0

    def fates(self, seed: int, direction: str) -> Iterator[Optional[float]]:
        """Packet after packet, its delay in s, or nothing where it is lost."""
        chance = random.Random(f"{seed} {direction}")
        loss = self.loss_percent / 100
        end = 1 / self.burst if self.burst else 1 - loss
        begin = loss * end / (1 - loss)
        lost = False
        while True:
            of_loss, of_jitter, of_overtaking = chance.random(), chance.random(), chance.random()
            lost = of_loss < (1 - end if lost else begin)
            held = OVERTAKEN_MS if of_overtaking * 100 < self.overtaken_percent else 0
            yield None if lost else (self.delay_ms + of_jitter * self.jitter_ms + held) / 1000


class Network(Background):
    """Both namespaces and the program between them, until it is stopped."""

    def __init__(self, name: str, conditions: Conditions, seed: int):
        self._namespaces = {side: f"{PREFIX}-{os.getpid()}-{name}-{side}" for side in ADDRESSES}
        for namespace in self._namespaces.values():
            run(["ip", "netns", "add", namespace])
        command = [sys.executable, __file__, *self._namespaces.values(), seed, json.dumps(asdict(conditions))]
        super().__init__(command, name="network", reads_lines=True)
        self.wait_for("ready")

    def inside(self, side: str) -> list[str]:
        """What to put before a command so that it runs at this side."""
        return ["ip", "netns", "exec", self._namespaces[side]]

    def wait_for_sound(self, timeout: float = 20) -> None:
        """Until RTP flows both ways."""
        for side in ADDRESSES:
            self.wait_for(f"RTP from {side}", timeout)

    def mark(self) -> None:
        """Begins the pattern anew."""
        self.write_line("mark")

    def report(self) -> dict:
        """Since the last mark, by side that sent: packets, and lost ones. To be asked once."""
        self.write_line("report")
        return json.loads(self.wait_for("{"))

    def stop(self, patience: float = 5) -> None:
        super().stop(patience)
        for namespace in self._namespaces.values():
            subprocess.run(["ip", "netns", "del", namespace], check=False, capture_output=True)


def remove_abandoned() -> None:
    """Removes the namespaces of benches that were killed."""
    for path in Path("/run/netns").glob(f"{PREFIX}-*"):
        if not Path(f"/proc/{path.name.split('-')[2]}").exists():
            run(["ip", "netns", "del", path.name])


def _device(namespace: str, address: str) -> int:
    """A TUN device in a namespace, with this address; its file descriptor."""
    clone_newnet = 0x40000000
    libc = ctypes.CDLL("libc.so.6", use_errno=True)
    here = os.open("/proc/self/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
    assert libc.setns(there, clone_newnet) == 0, "entering a network namespace needs root"
    tunnel = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    without_header, set_interface = 0x1001, 0x400454CA
    fcntl.ioctl(tunnel, set_interface, struct.pack("16sH22x", b"t0", without_header))
    assert libc.setns(here, clone_newnet) == 0
    os.close(here)
    os.close(there)
    for words in ("link set lo up", f"addr add {address}/24 dev t0", "link set t0 up mtu 1400", "route add default dev t0"):
        run(["ip", "-n", namespace, *words.split()])
    return tunnel


def is_rtp(packet: bytes) -> bool:
    """UDP over IPv4 that has RTP's version and none of RTCP's types."""
    is_udp = len(packet) > 40 and packet[0] == 0x45 and packet[9] == 17
    return is_udp and packet[28] >> 6 == 2 and not 192 <= packet[29] <= 223


class Relay:
    """Takes packets from one device and puts them into the other when their time has come."""

    def __init__(self, namespaces: list[str], seed: int, conditions: Conditions):
        self._seed, self._conditions = seed, conditions
        self._devices = {side: _device(name, ADDRESSES[side]) for side, name in zip(ADDRESSES, namespaces)}
        self._waiting: list[tuple[float, int, int, bytes]] = []
        self._numbers = itertools.count()
        self._heard_from: set[str] = set()
        self.mark()

    def mark(self) -> None:
        self._fates = {side: self._conditions.fates(self._seed, side) for side in ADDRESSES}
        self._report = {side: {"packets": 0, "lost": 0} for side in ADDRESSES}

    def _obey(self, line: bytes) -> None:
        if line == b"mark":
            self.mark()
        elif line == b"report":
            print(json.dumps(self._report), flush=True)

    def _take(self, side: str, other: int, packet: bytes, now: float) -> None:
        delay: Optional[float] = self._conditions.delay_ms / 1000
        if is_rtp(packet):
            if side not in self._heard_from:
                self._heard_from.add(side)
                print(f"RTP from {side}", flush=True)
            delay = next(self._fates[side])
            self._report[side]["packets"] += 1
            self._report[side]["lost"] += delay is None
        if delay is not None:
            heapq.heappush(self._waiting, (now + delay, next(self._numbers), other, packet))

    def run(self) -> None:
        sides = {self._devices["A"]: ("A", self._devices["B"]), self._devices["B"]: ("B", self._devices["A"])}
        while True:
            pause = max(0.0, self._waiting[0][0] - time.monotonic()) if self._waiting else 1.0
            ready, _, _ = select.select([sys.stdin, *sides], [], [], pause)
            now = time.monotonic()
            for device in ready:
                if device is sys.stdin:
                    for line in os.read(sys.stdin.fileno(), 4096).splitlines():
                        self._obey(line)
                    continue
                side, other = sides[device]
                try:
                    while True:
                        self._take(side, other, os.read(device, 2048), now)
                except BlockingIOError:
                    pass
            while self._waiting and self._waiting[0][0] <= time.monotonic():
                _, _, device, packet = heapq.heappop(self._waiting)
                os.write(device, packet)


def main() -> None:
    *namespaces, seed, conditions = sys.argv[1:]
    relay = Relay(namespaces, int(seed), Conditions(**json.loads(conditions)))
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(5))
    print("ready", flush=True)
    relay.run()


if __name__ == "__main__":
    main()

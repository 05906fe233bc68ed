#!/usr/bin/env python3
"""Gudok beside baresip in one run: time to answer, loop delay, processor and memory in a call.

usage: ~/.cache/gudok-tests/venv/bin/python benches/call.py [--calls 30] [--seconds 20] [--write]
Build the release first; tests/install.sh installs what this needs. --write puts the table into benches/README.md.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests")]

import readme  # noqa: E402
from harness.baresip import Baresip  # noqa: E402
from harness.gudok import Gudok  # noqa: E402
from probe import Opus, Probe, Ulaw  # noqa: E402


def measure(uri: str, pid: int, calls: int, seconds: float) -> dict[str, float]:
    probe = Probe(uri)
    setups = []
    for _ in range(calls):
        setups.append(probe.setup_ms())
        time.sleep(0.3)
    figures = {"INVITE → 200, median, ms": statistics.median(setups)}
    for name, codec in (("G.711", Ulaw()), ("Opus", Opus())):
        loop = probe.loop(codec, seconds, pid)
        assert loop.heard > loop.sent / 2, f"{uri}: {name}: {loop.heard} of {loop.sent} bursts came back"
        figures[f"CPU in a call, {name}, % of a core"] = loop.processor_percent
        figures[f"loop delay, {name}, median, ms"] = loop.delay_ms
        figures["memory in a call, MiB"] = loop.resident_mib
        time.sleep(0.5)
    return figures


def table(ours: dict[str, float], theirs: dict[str, float]) -> str:
    lines = ["| | Gudok | baresip 1.0 | ratio |", "|---|---|---|---|"]
    for name, value in ours.items():
        lines.append(f"| {name} | {value:.1f} | {theirs[name]:.1f} | {value / max(theirs[name], 0.01):.2f} |")
    return "\n".join(lines)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--calls", type=int, default=30)
    options.add_argument("--seconds", type=float, default=20)
    options.add_argument("--write", action="store_true")
    chosen = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="gudok-bench-", dir="/tmp"))
    try:
        with Baresip(folder / "baresip", "echo", codec="g711.so\nmodule opus") as peer:
            theirs = measure(f"sip:echo@127.0.0.1:{peer.port}", peer.process.pid, chosen.calls, chosen.seconds)
        phone = Gudok(folder / "profile", listen="127.0.0.1:0")
        phone.add_account("direct", login="echo", domain="127.0.0.1", register="off", codecs="opus,ulaw")
        with phone.answering("direct", says="loop", hears="loop", calls=chosen.calls + 2) as answering:
            ours = measure(f"sip:echo@127.0.0.1:{answering.port}", answering.process.pid, chosen.calls, chosen.seconds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    made = table(ours, theirs)
    print(made)
    if chosen.write:
        readme.write("call.py", made, f"{chosen.calls} calls", f"{chosen.seconds:g} s of sound")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""A long call between two computers whose clocks differ. A's microphone and B's speaker run fast by so many parts per
million; A's speaker and B's microphone keep the time. So on the way from A to B a microphone is faster than its own
speaker and a speaker faster than what comes from the network, and on the way back it is the other way round.

Noise is sent both ways. Each minute the delay is measured, and every 10 ms in which the noise broke off is counted.

usage: ~/.cache/gudok-tests/venv/bin/python benches/drift.py [--minutes 30] [--ppm 300] [--codec opus] [--write]
"""

import argparse
import fcntl
import json
import multiprocessing
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np
from scipy.signal import butter, correlate, sosfilt

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

import priority  # noqa: E402
from harness.gudok import Gudok  # noqa: E402
from harness.sound import SoundServer  # noqa: E402

RATE = 48000
SETTLE_S = 20.0
"""How long the call is up before it is measured, so that buffers have found their size."""
LOOP_S = 61
"""The noise repeats after this time, longer than any delay."""
BLOCK = 240
PIPE_OCTETS = 4096
PIPE_FRAME = 8
"""Octets of a sample of two channels; with them the server moves no more than 10.7 ms at once."""
BROKEN_OFF = 10 ** (-12 / 20)
WINDOW = RATE // 100
PIECE, REACH = int(0.5 * RATE), int(1.0 * RATE)


def noise(seed: int) -> np.ndarray:
    """Noise in the band of a telephone, as loud as speech."""
    samples = np.random.default_rng(seed).standard_normal(LOOP_S * RATE)
    samples = sosfilt(butter(4, (300, 3400), "bandpass", fs=RATE, output="sos"), samples)
    return (samples * 0.05 / np.sqrt(np.mean(samples**2)) * 32767).astype("<i2")


def wait_until(at: float) -> None:
    if (left := at - time.monotonic()) > 0:
        time.sleep(left)


def speak(pipe: str, seed: int, speed: float, began) -> None:
    """Feeds a microphone made of a pipe by a clock of its own."""
    samples = noise(seed)
    out = os.open(pipe, os.O_WRONLY)
    began.value = start = time.monotonic()
    at = 0
    while True:
        wait_until(start + at / (RATE * speed))
        place = at % (len(samples) - BLOCK)
        os.write(out, samples[place : place + BLOCK].tobytes())
        at += BLOCK


def listen(pipe: str, path: str, speed: float, began) -> None:
    """Drains a speaker made of a pipe by a clock of its own, and keeps one of its channels."""
    incoming = os.open(pipe, os.O_RDONLY)
    fcntl.fcntl(incoming, fcntl.F_SETPIPE_SZ, PIPE_OCTETS)
    with open(path, "wb", buffering=0) as out:
        rest, got = b"", 0
        while True:
            received = os.read(incoming, PIPE_OCTETS)
            if began.value == 0.0:
                began.value = time.monotonic()
            rest += received
            whole = len(rest) // PIPE_FRAME * PIPE_FRAME
            stereo = np.frombuffer(rest[:whole], "<f4").reshape(-1, 2)
            rest = rest[whole:]
            out.write((stereo[:, 0] * 32767).astype("<i2").tobytes())
            got += len(stereo)
            wait_until(began.value + got / (RATE * speed))


def record(source: str, path: str, env: dict, began) -> None:
    """Records a source that keeps the time."""
    command = ["parec", f"--device={source}", "--raw", "--format=s16le", f"--rate={RATE}", "--channels=1", "--latency-msec=5"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=env)
    got = 0
    with open(path, "wb", buffering=0) as out:
        while received := os.read(process.stdout.fileno(), 65536):
            out.write(received)
            got += len(received)
            at = time.monotonic() - got / 2 / RATE
            began.value = at if began.value == 0.0 else min(began.value, at)


class Sound:
    """Samples that a process of ours writes into a file, and when each was heard."""

    def __init__(self, work, *arguments, path: Path, speed: float = 1.0):
        self.path, self.speed = path, speed
        self.began = multiprocessing.Value("d", 0.0)
        self.process = multiprocessing.Process(target=work, args=(*arguments, self.began), daemon=True)
        self.process.start()
        self._checked = 0

    def __len__(self) -> int:
        return self.path.stat().st_size // 2

    def samples(self, start: int, count: int) -> np.ndarray:
        return np.fromfile(self.path, "<i2", count, offset=2 * start).astype(float)

    def time_of(self, sample: int) -> float:
        return self.began.value + sample / (RATE * self.speed)

    def sample_at(self, when: float) -> int:
        return int((when - self.began.value) * RATE * self.speed)

    def skip(self) -> None:
        self._checked = len(self)

    def broken_off(self) -> list[int]:
        """How long, in ms, the noise broke off each time since the last look."""
        end = len(self)
        heard = self.samples(self._checked, end - self._checked)
        self._checked = end
        windows = heard[: len(heard) // WINDOW * WINDOW].reshape(-1, WINDOW)
        levels = np.sqrt(np.mean(windows**2, axis=1))
        quiet = levels < np.median(levels) * BROKEN_OFF
        edges = np.flatnonzero(np.diff(np.concatenate([[0], quiet.astype(int), [0]])))
        return [int(end - start) * 10 for start, end in edges.reshape(-1, 2)]


class Spoken:
    """What `speak` says, known without a file."""

    def __init__(self, seed: int, speed: float, pipe: Path):
        self.noise, self.speed = noise(seed)[: LOOP_S * RATE - BLOCK], speed
        self.began = multiprocessing.Value("d", 0.0)
        self.process = multiprocessing.Process(target=speak, args=(str(pipe), seed, speed, self.began), daemon=True)
        self.process.start()

    def samples(self, start: int, count: int) -> np.ndarray:
        return np.take(self.noise, np.arange(start, start + count), mode="wrap").astype(float)

    def time_of(self, sample: int) -> float:
        return self.began.value + sample / (RATE * self.speed)

    def sample_at(self, when: float) -> int:
        return int((when - self.began.value) * RATE * self.speed)


def delay_ms(said, heard: Sound) -> float:
    """From saying to hearing, by what was heard last."""
    start = len(heard) - PIECE - RATE // 2
    piece = heard.samples(start, PIECE)
    earliest = said.sample_at(heard.time_of(start)) - REACH
    window = said.samples(earliest, PIECE + REACH)
    lag = int(np.argmax(correlate(window, piece, "valid", "fft")))
    return (heard.time_of(start) - said.time_of(earliest + lag)) * 1000


def run(folder: Path, minutes: float, ppm: float, codec: str, every: float) -> tuple[list, dict]:
    speed = 1 + ppm * 1e-6
    with SoundServer(folder / "sound") as sound:
        pipe = f"channels=%d rate={RATE} format=%s file={folder}/%s"
        sound.control("load-module", "module-pipe-source", "source_name=fastmic", *(pipe % (1, "s16le", "mic")).split())
        sound.control("load-module", "module-pipe-sink", "sink_name=fastspk", *(pipe % (2, "float32le", "spk")).split())
        env = {**os.environ, **sound.env}
        said_a = Spoken(1, speed, folder / "mic")
        heard_b = Sound(listen, str(folder / "spk"), str(folder / "b.raw"), speed, path=folder / "b.raw", speed=speed)
        player = ["pacat", "--device=micB_feed", "--raw", "--format=s16le", f"--rate={RATE}", "--channels=1", "--latency-msec=100"]
        loop = folder / "loop.raw"
        loop.write_bytes(noise(2).tobytes() * (int((minutes + 2) * 60 / LOOP_S) + 2))
        with loop.open("rb") as spoken:
            speaker = subprocess.Popen(player, stdin=spoken, env=env)
        said_b = Sound(record, "micB_feed.monitor", str(folder / "sb.raw"), env, path=folder / "sb.raw")
        heard_a = Sound(record, "spkA.monitor", str(folder / "a.raw"), env, path=folder / "a.raw")
        people = {}
        for person in "AB":
            phone = people[person] = Gudok(folder / person, listen="127.0.0.1:0", env=sound.env)
            phone.add_account("direct", login=person.lower(), domain="127.0.0.1", register="off", codecs=codec)
        for person in people.values():
            # Noise that both send all the time is no conversation: what is looked at is the clocks.
            assert person.run("sound", "echo_cancellation=off", "noise_suppression=off", "gain_control=off").code == 0
        answering = people["B"].answering("direct", says="micB", hears="fastspk")
        call = people["A"].start(
            "call", f"sip:b@127.0.0.1:{answering.port}", "--account", "direct", "--json",
            "--audio-in", "fastmic", "--audio-out", "spkA", "--for", f"{SETTLE_S + minutes * 60 + 10:g}s",
        )
        with priority.first():
            time.sleep(SETTLE_S)
        # What is set now stays; only this process, which judges, goes behind the sound again.
        heard_a.skip(), heard_b.skip()
        start, rows = time.monotonic(), []
        while (passed := time.monotonic() - start) < minutes * 60 + every / 2:
            there, back = delay_ms(said_a, heard_b), delay_ms(said_b, heard_a)
            gaps = heard_b.broken_off() if rows else [], heard_a.broken_off() if rows else []
            rows.append((passed / 60, there, back, *gaps))
            print(f"{passed / 60:5.1f} min  A to B {there:6.1f} ms {gaps[0]}  B to A {back:6.1f} ms {gaps[1]}", flush=True)
            wait_until(start + len(rows) * every)
        assert call.finish(30) == 0, call.tail()
        figures = {"A": json.loads(call.lines[-1])["received"], "B": answering.outcome()["received"]}
        for process in (said_a, heard_b, said_b, heard_a):
            process.process.terminate()
        speaker.terminate()
    return rows, figures


def table(rows: list, figures: dict) -> str:
    lines = ["| | A to B | B to A |", "|---|---|---|"]
    ways = [np.array([row[column] for row in rows]) for column in (1, 2)]
    gaps = [[gap for row in rows for gap in row[column]] for column in (3, 4)]
    lines.append("| delay, median, ms | " + " | ".join(f"{np.median(way):.0f}" for way in ways) + " |")
    deviations = [f"{(way - np.median(way)).min():+.1f} .. {(way - np.median(way)).max():+.1f}" for way in ways]
    lines.append("| the farthest from it, ms | " + " | ".join(deviations) + " |")
    lines.append("| times the sound broke off | " + " | ".join(str(len(gap)) for gap in gaps) + " |")
    lines.append("| longest of these, ms | " + " | ".join(str(max(gap, default=0)) for gap in gaps) + " |")
    lines.append("| concealed, ms | " + " | ".join(f"{figures[who].get('concealed_ms', 0):.0f}" for who in "BA") + " |")
    return "\n".join(lines)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--minutes", type=float, default=30)
    options.add_argument("--every", type=float, default=60, help="seconds between two looks")
    options.add_argument("--ppm", type=float, default=300)
    options.add_argument("--codec", default="opus")
    options.add_argument("--write", action="store_true")
    chosen = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="gudok-bench-", dir="/tmp"))
    try:
        rows, figures = run(folder, chosen.minutes, chosen.ppm, chosen.codec, chosen.every)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    made = table(rows, figures)
    print(made)
    if chosen.write:
        begin, end = "<!-- drift.py -->", "<!-- /drift.py -->"
        readme = HERE / "README.md"
        text = readme.read_text()
        what = f"{chosen.minutes:g} min, {chosen.ppm:g} ppm, {chosen.codec}, looked at each {chosen.every:g} s"
        where = f"{date.today()}, {os.cpu_count()} cores, {platform.machine()}, {what}"
        readme.write_text(f"{text.split(begin)[0]}{begin}\n{made}\n\n{where}\n{end}{text.split(end)[1]}")


if __name__ == "__main__":
    main()

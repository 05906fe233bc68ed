#!/usr/bin/env python3
"""The voice processing in synthetic rooms: how much of the echo is gone, and what is left of a voice that speaks while
the other one does.

A room is a delay, a direct path and reflections that die away by 60 dB within 0.2 s; the echo is weaker than what the
speaker plays by the echo return loss. ERLE is taken from the third second of the far voice on. For double talk the far voice
is heard alone for ten seconds, in which the room is learned; then both speak all the time, equally loud. The loss is
the PESQ-WB of the near voice with echo against that without any. From the start: both speak from the first second on.

usage: ~/.cache/gudok-tests/venv/bin/python benches/echo.py [--parts echo,noise,gain] [--write]
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import fftconvolve

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

from harness.score import score  # noqa: E402
from harness.speech import Speech  # noqa: E402

RATE = 48000
ROOMS = [(20, 6), (20, 20), (50, 12), (100, 6), (100, 20), (200, 6), (200, 20)]
"""Delay in ms, echo return loss in dB."""
SECONDS = 24
ALONE = 10
"""So long the far voice is heard alone, s."""
LATE = 12
"""The second from which double talk is judged."""


def program() -> list[str]:
    manifest = str(HERE / "echo" / "Cargo.toml")
    subprocess.run(["cargo", "build", "--quiet", "--release", "--manifest-path", manifest], check=True)
    target = Path(os.environ.get("CARGO_TARGET_DIR") or HERE / "echo" / "target")
    return [str(target / "release" / "gudok-echo-bench")]


def voice(folder: Path, language: str) -> np.ndarray:
    samples, _ = soundfile.read(Speech(folder, language).at(RATE))
    samples = np.tile(samples, SECONDS * RATE // len(samples) + 1)[: SECONDS * RATE]
    return samples * 0.05 / np.sqrt(np.mean(samples**2))


def echo_of(played: np.ndarray, delay_ms: float, loss_db: float, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    length = int(0.2 * RATE)
    response = random.standard_normal(length) * 10 ** (-3 * np.arange(length) / length) * 0.02
    response[0] = 1.0
    response *= 10 ** (-loss_db / 20) / np.sqrt(np.sum(response**2))
    late = int(delay_ms * RATE / 1000)
    return np.concatenate([np.zeros(late), fftconvolve(played, response)])[: len(played)]


class Bench:
    def __init__(self, folder: Path, parts: str):
        self.folder, self.parts, self.command = folder, parts, program()
        self.times = []

    def process(self, played: np.ndarray, heard: np.ndarray) -> np.ndarray:
        paths = [self.folder / name for name in ("far.wav", "mic.wav", "out.wav")]
        for path, samples in zip(paths, (played, heard)):
            soundfile.write(path, samples, RATE, subtype="PCM_16")
        done = subprocess.run([*self.command, *paths, self.parts], check=True, capture_output=True, text=True)
        self.times.append([float(word) for word in done.stdout.split()])
        return soundfile.read(paths[2])[0]

    def quality(self, said: np.ndarray, sent: np.ndarray) -> float:
        files = self.folder / "said.wav", self.folder / "sent.wav"
        # The last half second leaves room for the delay of what was sent.
        for path, samples, end in zip(files, (said, sent), (len(said) - RATE // 2, len(sent))):
            soundfile.write(path, samples[LATE * RATE : end], RATE, subtype="PCM_16")
        return score(*files, wideband=True).pesq


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--parts", default="echo")
    options.add_argument("--write", action="store_true")
    chosen = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="gudok-bench-", dir="/tmp"))
    lines = ["| delay, ms | echo return loss, dB | ERLE, dB | double talk, PESQ-WB | loss | from the start | loss |", "|---|---|---|---|---|---|---|"]
    try:
        bench = Bench(folder, chosen.parts)
        far, near, silence = voice(folder, "en"), np.roll(voice(folder, "ru"), RATE), np.zeros(SECONDS * RATE)
        answer = np.concatenate([silence[: ALONE * RATE], near[ALONE * RATE :]])
        alone = bench.quality(near, bench.process(silence, near))
        for seed, (delay, loss) in enumerate(ROOMS):
            echo = echo_of(far, delay, loss, seed)
            left = bench.process(far, echo)
            erle = 10 * np.log10(np.mean(echo[2 * RATE :] ** 2) / max(np.mean(left[2 * RATE :] ** 2), 1e-12))
            both = [bench.quality(near, bench.process(far, said + echo)) for said in (answer, near)]
            judged = " | ".join(f"{quality:.2f} | {alone - quality:.2f}" for quality in both)
            lines.append(f"| {delay} | {loss} | {erle:.0f} | {judged} |")
            print(lines[-1], flush=True)
        late = np.concatenate([np.zeros(RATE // 4), near])[: len(near)]
        service = bench.quality(near, bench.process(late, near))
        lines.append(f"\nWithout any far voice the near one has {alone:.2f}; with its own sound coming back after 250 ms, as an "
                     f"echo service sends it, and none of it in the microphone, {service:.2f}.")
        median, longest = np.median([each for each, _ in bench.times]), max(one for _, one in bench.times)
        lines.append(f"10 ms take {median:.0f} µs, {median / 100:.1f} % of a core; the longest {longest / 1000:.1f} ms.")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    made = "\n".join(lines)
    print(made)
    if chosen.write:
        begin, end = "<!-- echo.py -->", "<!-- /echo.py -->"
        readme = HERE / "README.md"
        text = readme.read_text()
        where = f"{date.today()}, {os.cpu_count()} cores, {platform.machine()}, parts: {chosen.parts}"
        readme.write_text(f"{text.split(begin)[0]}{begin}\n{made}\n\n{where}\n{end}{text.split(end)[1]}")


if __name__ == "__main__":
    main()

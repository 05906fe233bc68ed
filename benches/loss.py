#!/usr/bin/env python3
"""Speech over invented networks: PESQ and delay for each kind of loss and jitter, the same in every run.

usage: ~/.cache/gudok-tests/venv/bin/python benches/loss.py [--only SUBSTRING] [--seeds 3] [--keep DIR] [--program P] [--write]
Build first: cargo build --release --example loss. Four recordings of two speakers (the packages
asterisk-core-sounds-en-g722 and -ru-g722) are sent with each seed; what is judged begins after LEAD_S, when the
reports of the far side have been heard. --write puts the table into benches/README.md.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from pesq import pesq
from scipy.signal import correlate, resample_poly

HERE = Path(__file__).parent
PROGRAM = HERE.parent / "target/release/examples/loss"
SOUNDS = Path("/usr/share/asterisk/sounds")
VOICES = [
    ("en_US_f_Allison", "demo-congrats"), ("en_US_f_Allison", "conf-adminmenu-18"),
    ("ru_RU_f_IvrvoiceRU", "demo-congrats"), ("ru_RU_f_IvrvoiceRU", "basic-pbx-ivr-main"),
]
LEAD_S, JUDGED_S, TAIL_S = 15, 9, 1
PIECE_S = 4.5
"""PESQ is made for pieces of this length."""
BETWEEN_MS = 14
"""The listener's first block comes 4 ms after the speaker's, which was captured in the 10 ms before."""


@dataclass(frozen=True)
class Row:
    name: str
    arguments: str
    wideband: bool = True
    goal: float | None = None
    slow: int = 0
    """How many hundredths slower the listener's clock is; what is heard is judged by the speaker's."""


ROWS = [
    Row("Opus, clean", "", goal=4.2),
    *(Row(f"Opus, {loss} % loss", f"--loss {loss}", goal=goal) for loss, goal in ((1, None), (3, None), (5, 3.8), (10, 3.3), (20, 2.6))),
    Row("Opus, 10 % loss in bursts of 3", "--loss 10 --burst 3"),
    Row("Opus without FEC, 10 % loss", "--loss 10 --no-fec"),
    *(Row(f"Opus, {jitter} ms jitter", f"--jitter {jitter}", goal=goal) for jitter, goal in ((30, None), (50, 3.8), (100, None))),
    Row("Opus, 50 ms jitter, 5 % loss", "--jitter 50 --loss 5"),
    Row("Opus, 1 % clock error", "--drift 10000", slow=1),
    Row("G.722, clean", "--codec g722"),
    *(Row(f"G.722, {loss} % loss", f"--codec g722 --loss {loss}") for loss in (5, 10)),
    Row("A-law (NB), clean", "--codec alaw", False, 4.05),
    *(Row(f"A-law (NB), {loss} % loss", f"--codec alaw --loss {loss}", False, goal) for loss, goal in ((5, 3.4), (10, 2.7), (20, None))),
    Row("A-law (NB), 50 ms jitter", "--codec alaw --jitter 50", False),
]


def speech(folder: Path) -> list[Path]:
    """Each voice said over and over, so that it is the same before and in what is judged."""
    made = []
    for voice, text in VOICES:
        raw, path = folder / "raw.wav", folder / f"{voice}-{text}.wav"
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "g722", "-i", SOUNDS / voice / f"{text}.g722", raw], check=True)
        samples, rate = soundfile.read(raw)
        samples = resample_poly(samples, 48000, rate)
        samples = np.resize(samples, 48000 * (LEAD_S + JUDGED_S + TAIL_S))
        samples *= 0.1 / np.sqrt(np.mean(samples**2))
        soundfile.write(path, np.clip(samples, -0.98, 0.98), 48000, subtype="PCM_16")
        made.append(path)
    return made


def judge(said: Path, heard: Path, wideband: bool, slow: int) -> tuple[float, float]:
    """PESQ and delay, ms: of each piece where it fits best, on average."""
    rate = 16000 if wideband else 8000
    one, other = (resample_poly(soundfile.read(path)[0], rate, 48000) for path in (said, heard))
    other = resample_poly(other, 100 + slow, 100) if slow else other
    scores, delays = [], []
    for piece in range(int(JUDGED_S / PIECE_S)):
        at, length = int((LEAD_S + piece * PIECE_S) * rate), int(PIECE_S * rate)
        reference, window = one[at : at + length], other[at : at + length + rate // 2]
        offset = int(np.argmax(correlate(window, reference, "valid")))
        degraded = window[offset : offset + length]
        scores.append(pesq(rate, reference, degraded, "wb" if wideband else "nb"))
        delays.append(offset * 1000 / rate + BETWEEN_MS)
    return statistics.mean(scores), statistics.mean(delays)


def run(program: Path, row: Row, said: Path, seed: int, folder: Path) -> dict[str, float]:
    heard = folder / f"{row.name.replace(' ', '-').replace('%', '')}-{said.stem}-{seed}.wav"
    command = [program, said, heard, "--seed", str(seed), *row.arguments.split()]
    figures = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    figures["pesq"], figures["delay"] = judge(said, heard, row.wideband, row.slow)
    return figures


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--only", default="")
    options.add_argument("--seeds", type=int, default=3)
    options.add_argument("--keep", type=Path)
    options.add_argument("--program", type=Path, default=PROGRAM)
    options.add_argument("--write", action="store_true")
    chosen = options.parse_args()
    lines = ["| | PESQ | goal | worst | mouth to ear, ms | of it buffer | kbit/s |", "|---|---|---|---|---|---|---|"]
    print("\n".join(lines))
    with tempfile.TemporaryDirectory(prefix="gudok-loss-", dir="/tmp") as temporary, ThreadPoolExecutor(2) as pool:
        folder = chosen.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        voices = speech(folder)
        for row in (row for row in ROWS if chosen.only.lower() in row.name.lower()):
            jobs = [pool.submit(run, chosen.program, row, said, 10 * seed, folder) for said in voices for seed in range(1, chosen.seeds + 1)]
            figures = [job.result() for job in jobs]
            mean = {name: statistics.mean(one[name] for one in figures) for name in ("pesq", "delay", "wait_ms", "kbit_s")}
            worst = min(one["pesq"] for one in figures)
            goal = f"{row.goal:.2f}" if row.goal else ""
            lines.append(
                f"| {row.name} | {mean['pesq']:.2f} | {goal} | {worst:.2f} | {mean['delay']:.0f} | {mean['wait_ms']:.0f} "
                f"| {mean['kbit_s']:.0f} |"
            )
            print(lines[-1], flush=True)
    if chosen.write:
        begin, end = "<!-- loss.py -->", "<!-- /loss.py -->"
        readme = HERE / "README.md"
        text = readme.read_text()
        made = "\n".join(lines)
        head, tail = text.split(begin)[0], text.split(end)[1]
        readme.write_text(f"{head}{begin}\n{made}\n\n4 recordings, {chosen.seeds} seeds\n{end}{tail}")


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Mouth-to-ear delay and PESQ between two Gudoks at virtual devices of a real sound server.

usage: ~/.cache/gudok-tests/venv/bin/python benches/mouth_to_ear.py [--write]
"""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests")]

import hearing  # noqa: E402
import readme  # noqa: E402
from harness.gudok import Gudok  # noqa: E402
from harness.score import score  # noqa: E402
from harness.sound import SoundServer  # noqa: E402
from harness.speech import Speech  # noqa: E402

SETTLE_S = 6.0
"""How long the call is up before it is measured, so that buffers have found their size."""


ALSA = "</usr/share/alsa/alsa.conf>\npcm.!default { type pulse }\n"


def measure(folder: Path, codec: str, direct: bool = False) -> tuple[float, float]:
    """Median delay in ms and PESQ (wideband for Opus). `direct` goes through cpal and ALSA's plugin for PulseAudio."""
    folder.mkdir()
    speech = Speech(folder, "en")
    with SoundServer(folder / "sound") as sound:
        people = {}
        for person in "AB":
            (folder / "alsa.conf").write_text(ALSA)
            alsa = {"PULSE_SINK": f"spk{person}", "PULSE_SOURCE": f"mic{person}"} if direct else {}
            alsa |= {"ALSA_CONFIG_PATH": str(folder / "alsa.conf")} if direct else {}
            phone = people[person] = Gudok(folder / person, listen="127.0.0.1:0", env=sound.env | alsa)
            phone.add_account("direct", login=person.lower(), domain="127.0.0.1", register="off", codecs=codec)
        devices = people["B"].run("devices", "--json")
        inputs, outputs = (
            {p: next(name for name in devices[kind] if name.endswith((f"{word}{p}", f"{short}{p}"))) for p in "AB"}
            for kind, word, short in (("inputs", "Microphone", "mic"), ("outputs", "Speaker", "spk"))
        )
        if direct:
            inputs = outputs = {person: "direct:" for person in "AB"}
        seconds = SETTLE_S + speech.seconds + 3
        answering = people["B"].answering("direct", says=inputs["B"], hears=outputs["B"])
        call = people["A"].start(
            "call", f"sip:b@127.0.0.1:{answering.port}", "--account", "direct", "--json",
            "--audio-in", inputs["A"], "--audio-out", outputs["A"], "--for", f"{seconds:g}s",
        )
        time.sleep(SETTLE_S)
        mouth, ear = sound.recorder("micA_feed.monitor"), sound.recorder("spkB.monitor")
        time.sleep(0.5)
        sound.say("A", speech.at(48000)).finish(30)
        time.sleep(0.7)
        said, heard = mouth.finish(), ear.finish()
        call.finish(30)
        answering.finish(30)
    files = folder / "said.wav", folder / "heard.wav"
    for file, samples in zip(files, (said, heard)):
        soundfile.write(file, samples, 48000)
    began = max(mouth.began, ear.began)
    delays = hearing.delays(said[int((began - mouth.began) * 48000) :], heard[int((began - ear.began) * 48000) :], 48000)
    assert delays, "nothing was heard"
    return float(np.median(delays)) * 1000, score(speech.at(48000), files[1], wideband=codec == "opus").pesq


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--write", action="store_true")
    chosen = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="gudok-bench-", dir="/tmp"))
    lines = ["| codec | sound goes through | mouth to ear, median, ms | PESQ |", "|---|---|---|---|"]
    try:
        for codec in ("opus", "alaw"):
            for way, direct in (("PulseAudio", False), ("cpal: ALSA's plugin for PulseAudio", True)):
                delay, quality = measure(folder / f"{codec}-{direct}", codec, direct)
                band = "WB" if codec == "opus" else "NB"
                lines.append(f"| {codec} | {way} | {delay:.0f} | {band} {quality:.2f} |")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    made = "\n".join(lines)
    print(made)
    if chosen.write:
        readme.write("mouth_to_ear.py", made)


if __name__ == "__main__":
    main()

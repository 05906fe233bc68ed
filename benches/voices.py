"""Four people who say something for about eight seconds each, pauses and all: a woman and a man, in Russian and English.

The women are recordings by professional speakers (Debian's asterisk-core-sounds-{ru,en}-g722), the men are voices made of
recordings (festvox-ru, flite's rms).
"""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import numpy as np
import soundfile
from scipy.signal import resample_poly

RATE = 16000
LEVEL = 0.05
"""Root mean square of what is said: -26 dB under full scale, as ITU-T P.800 has it."""
EDGE_S = 0.4
"""Silence around each utterance that belongs to it; PESQ wants some."""
GAP_S = 0.4


def _prompt(name: str, to: Path) -> None:
    source = next(Path("/usr/share/asterisk/sounds").glob(name))
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "g722", "-i", source, to], check=True, timeout=60)


def _flite(text: str, to: Path) -> None:
    subprocess.run(["flite", "-voice", "rms", "-t", text, "-o", to], check=True, timeout=60)


def _festival(text: str, to: Path) -> None:
    voice = ["text2wave", "-eval", "(voice_msu_ru_nsh_clunits)", "-o", to]
    subprocess.run(voice, input=text, text=True, check=True, timeout=60, capture_output=True)


@dataclass(frozen=True)
class Voice:
    name: str
    make: Callable[[str, Path], None]
    what: str


VOICES = (
    Voice("ru woman", _prompt, "ru_*/vm-opts.g722"),
    Voice("en woman", _prompt, "en_*/tt-allbusy.g722"),
    Voice("ru man", _festival, "Здравствуйте, говорит Николай. Вчера мы получили ваше письмо. Завтра в десять приедет мастер."),
    Voice("en man", _flite, "Good morning, this is Robert. We received your letter yesterday. The engineer will come tomorrow, at ten."),
)


@dataclass(frozen=True)
class Utterance:
    voice: str
    begins_s: float
    """In the whole speech."""
    samples: np.ndarray
    """At `RATE`."""


@dataclass(frozen=True)
class Monologue:
    """What all say, one after another."""

    file: Path
    """At 48 kHz."""
    utterances: list[Utterance]
    seconds: float


def monologue(folder: Path) -> Monologue:
    utterances, place = [], 0.0
    whole = []
    for voice in VOICES:
        file = folder / f"{voice.name.replace(' ', '-')}.wav"
        voice.make(voice.what, file)
        samples, rate = soundfile.read(file)
        assert rate == RATE and samples.ndim == 1, f"{file}: {rate} Hz"
        spoken = np.flatnonzero(np.abs(samples) > 0.01)
        samples = samples[spoken[0] : spoken[-1]]
        samples = np.pad(samples * LEVEL / np.sqrt(np.mean(samples**2)), int(EDGE_S * RATE))
        utterances.append(Utterance(voice.name, place, samples))
        whole += [samples, np.zeros(int(GAP_S * RATE))]
        place += (len(samples) + int(GAP_S * RATE)) / RATE
    file = folder / "monologue.wav"
    soundfile.write(file, np.clip(resample_poly(np.concatenate(whole), 3, 1), -1, 1), 48000, subtype="PCM_16")
    return Monologue(file, utterances, place)

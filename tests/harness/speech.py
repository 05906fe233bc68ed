"""Spoken test sentences, as WAV files at the rate a codec or peer wants."""

import subprocess
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import resample_poly

SENTENCES = {
    "ru": "Съешь ещё этих мягких французских булок, да выпей чаю. Широкая электрификация южных губерний даст мощный толчок.",
    "en": "The quick brown fox jumps over the lazy dog. We were away a year ago, and the rain in Spain stays mainly on the plain.",
}
LEAD_S, TAIL_S = 1.0, 0.6
"""Silence before and after the sentence, so that the start of a call swallows none of it."""
# The voice is one that A-law by itself takes little from (PESQ-NB 4.2 and more; espeak's own has 3.9).


class Speech:
    """One sentence; `at(rate)` is its WAV file with one channel of 16 bits."""

    def __init__(self, folder: Path, language: str):
        self._folder, self._language = folder, language
        raw = folder / f"{language}-raw.wav"
        subprocess.run(
            ["espeak-ng", "-v", f"{language}+f2", "-s", "155", "-w", raw, SENTENCES[language]], check=True, timeout=60
        )
        samples, rate = soundfile.read(raw)
        samples = resample_poly(samples, 48000, rate)
        samples *= 0.6 / np.max(np.abs(samples))
        self._samples = np.concatenate([np.zeros(int(LEAD_S * 48000)), samples, np.zeros(int(TAIL_S * 48000))])

    @property
    def seconds(self) -> float:
        return len(self._samples) / 48000

    def at(self, rate: int) -> Path:
        path = self._folder / f"{self._language}-{rate}.wav"
        if not path.exists():
            soundfile.write(path, resample_poly(self._samples, rate, 48000), rate, subtype="PCM_16")
        return path

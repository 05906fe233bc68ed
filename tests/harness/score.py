"""How well one recording holds what another one said: PESQ (ITU-T P.862, P.862.2) after alignment."""

from dataclasses import dataclass
from math import gcd
from pathlib import Path

import numpy as np
import soundfile
from pesq import pesq
from scipy.signal import correlate, resample_poly


class SoundTooPoor(AssertionError):
    """The sound was worse than it has to be. A machine that has no time for a call only ever makes its sound worse,
    so that such a test is tried up to three times (pytest.ini); each further try is told in the summary."""


@dataclass(frozen=True)
class Score:
    pesq: float
    delay_s: float
    """From the start of the recording to the start of the reference in it."""

    def at_least(self, pesq: float) -> None:
        if self.pesq < pesq:
            raise SoundTooPoor(f"{self}, wanted {pesq}")


def _load(path: Path, rate: int) -> np.ndarray:
    samples, its_rate = soundfile.read(path)
    if samples.ndim > 1:
        samples = samples.mean(axis=1)
    common = gcd(rate, its_rate)
    return resample_poly(samples, rate // common, its_rate // common)


def score(reference: Path, recording: Path, wideband: bool) -> Score:
    """PESQ-WB or PESQ-NB of `recording` against `reference`, wherever in the recording it begins."""
    rate = 16000 if wideband else 8000
    said, heard = _load(reference, rate), _load(recording, rate)
    level = float(np.sqrt(np.mean(heard**2))) if len(heard) else 0.0
    assert level > 1e-3, f"{recording} is silent ({len(heard) / rate:.1f} s)"
    return score_samples(said, heard, rate)


def score_samples(said: np.ndarray, heard: np.ndarray, rate: int) -> Score:
    """The same of samples: wideband at 16 kHz, narrowband at 8 kHz."""
    offset = int(np.argmax(correlate(heard, said, "full"))) - (len(said) - 1)
    missing_before = np.zeros(max(0, -offset))
    heard = np.concatenate([missing_before, heard[max(0, offset) :]])[: len(said)]
    heard = np.concatenate([heard, np.zeros(len(said) - len(heard))])
    return Score(pesq(rate, said, heard, "wb" if rate == 16000 else "nb"), offset / rate)


def frequency_of(recording: Path, skip_s: float = 1.0) -> float:
    """The loudest frequency after the first `skip_s` s, in Hz."""
    samples, rate = soundfile.read(recording)
    samples = samples[int(skip_s * rate) :]
    assert len(samples) > rate // 2 and np.max(np.abs(samples)) > 1e-3, f"{recording} is silent"
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * rate / len(samples))

"""How late and how well one recording holds what was said: delay piece by piece, PESQ (ITU-T P.862, P.862.2)."""

from typing import Optional

import numpy as np
from pesq import pesq
from scipy.signal import correlate, resample_poly

PIECE_S, STEP_S, REACH_S = 0.6, 0.3, 1.2
QUIET = 0.01
"""A piece below this root mean square says too little about when it was."""
LIKE = 0.5
"""A piece counts as found where the two correlate at least this much."""


def delays(said: np.ndarray, heard: np.ndarray, rate: int) -> list[float]:
    """In s, for each piece that was said and found again; both begin at the same moment."""
    found = []
    piece_length, reach = int(PIECE_S * rate), int(REACH_S * rate)
    for start in range(0, len(said) - piece_length, int(STEP_S * rate)):
        piece, around = said[start : start + piece_length], heard[start : start + piece_length + reach]
        if np.sqrt(np.mean(piece**2)) < QUIET or len(around) < piece_length:
            continue
        energy = np.convolve(around**2, np.ones(piece_length), "valid")
        likeness = correlate(around, piece, "valid") / np.sqrt((energy + 1e-9) * np.sum(piece**2))
        best = int(np.argmax(likeness))
        if likeness[best] >= LIKE:
            found.append(best / rate)
    return found


def quality(said: np.ndarray, heard: np.ndarray, delay_s: Optional[float], wideband: bool) -> float:
    """PESQ of speech at 16 kHz; 1.0, the least there is, of what is silent."""
    late = int((delay_s or 0) * 16000)
    heard = heard[late : late + len(said)]
    heard = np.pad(heard, (0, len(said) - len(heard)))
    if np.sqrt(np.mean(heard**2)) < 1e-4:
        return 1.0
    if wideband:
        return float(pesq(16000, said, heard, "wb"))
    return float(pesq(8000, resample_poly(said, 1, 2), resample_poly(heard, 1, 2), "nb"))

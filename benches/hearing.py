"""How much later than it was said something is heard, piece by piece."""

import numpy as np
from scipy.signal import correlate

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

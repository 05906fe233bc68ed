"""One call between two phones over one network: how late and how well one hears what the other says."""

import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

import hearing
import priority
import voices
from harness.score import score_samples
from harness.sound import PIPED, SILENT, SoundServer
from microphone import Microphone
from network import ADDRESSES, Conditions, Network
from phones import OPUS, PHONES, Person

SETTLE_S = 8.0
"""How long the call is up before it is measured, so that buffers have found their size."""
LAG_S = 1.2
"""How long after the last word the listener still listens."""


SILENT_RMS = 1e-4
LEAST_PESQ = 1.0


@dataclass(frozen=True)
class Cell:
    conditions: Conditions
    codec: str
    clock_error: float
    """Of the speaker's sound card."""
    speaker: str
    listener: str
    seed: int

    @property
    def name(self) -> str:
        network = {what: value for what, value in asdict(self.conditions).items() if value}
        words = [f"{what}={value:g}" for what, value in network.items()] or ["nothing lost"]
        words += [f"clock_error={self.clock_error}"] if self.clock_error else []
        return f"{self.speaker} to {self.listener}, {self.codec}, {', '.join(words)}, seed {self.seed}"


def measure(cell: Cell, speech: voices.Monologue, folder: Path, name: str) -> dict:
    """Figures of every utterance, what the network did, and how late at most the parts of the bench itself were, which
    tells of a machine that had no time. `name` is one nobody else uses at the same time. Fails where there was no call
    or not a word was understood."""
    with (
        SoundServer(folder / "sound", {"A": PIPED, "B": SILENT}) as sound,
        Network(name, cell.conditions, cell.seed) as network,
        Microphone(sound, "A", speech.file, cell.clock_error) as mouth,
    ):
        ear = sound.ear("B")
        listener = Person("B", folder / "B", network, sound, cell.codec)
        speaker = Person("A", folder / "A", network, sound, cell.codec, dials=f"sip:p@{ADDRESSES['B']}")
        with PHONES[cell.listener].start(listener) as theirs, PHONES[cell.speaker].start(speaker) as ours:
            try:
                network.wait_for_sound()
                with priority.first():
                    time.sleep(SETTLE_S)
                    network.mark()
                    began = mouth.say()
                    time.sleep(speech.seconds + LAG_S)
                    report = network.report()
                    late = {"mouth": mouth.late_s(), "ear": ear.late_s(began)}
                    heard = ear.finish()
            except AssertionError as problem:
                raise AssertionError(f"{problem}\n{theirs.tail()}\n{ours.tail()}") from None
    rate = voices.RATE if cell.codec == OPUS else 8000
    heard, before = resample_poly(heard, 1, 48000 // voices.RATE), began - ear.began
    utterances = []
    for utterance in speech.utterances:
        start = int((before + utterance.begins_s) * voices.RATE)
        said, part = utterance.samples, heard[start : start + len(utterance.samples) + int(LAG_S * voices.RATE)]
        delays = hearing.delays(said, part, voices.RATE)
        utterances.append(
            {
                "voice": utterance.voice,
                "delays_ms": [round(1000 * delay, 1) for delay in delays],
                "pesq": round(quality(said, part, rate), 3),
            }
        )
    assert any(utterance["delays_ms"] for utterance in utterances), "nothing was heard"
    return {"utterances": utterances, "network": report, "late_ms": {part: round(1000 * s, 1) for part, s in late.items()}}


def quality(said: np.ndarray, heard: np.ndarray, rate: int) -> float:
    """PESQ at this rate; the least there is where nothing was heard."""
    if np.sqrt(np.mean(heard**2)) < SILENT_RMS:
        return LEAST_PESQ
    return score_samples(*(resample_poly(samples, rate, voices.RATE) for samples in (said, heard)), rate).pesq

"""A microphone whose clock may be wrong: feeds a FIFO that a sound server takes for one (module-pipe-source).

Run as a program it feeds silence, and at a line on its input the speech.
usage: microphone.py FIFO SPEECH ERROR      a WAV file, 48 kHz, one channel; ERROR of the clock, 0.01 for 1 % too fast
"""

import os
import select
import sys
import time
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import resample_poly

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

from harness.process import Background, eventually  # noqa: E402
from harness.sound import SoundServer  # noqa: E402

RATE = 48000
PERIOD_S = 0.01


class Microphone(Background):
    """One person's, who has one thing to say and is silent before and after."""

    def __init__(self, sound: SoundServer, person: str, speech: Path, error: float = 0):
        command = [sys.executable, __file__, sound.fifo(person), speech, error]
        super().__init__(command, name="microphone", reads_lines=True)
        self.wait_for("ready", 30)
        # The server reads no microphone that nobody listens to, and who comes first would get all that has piled up.
        listener = sound.recorder(f"mic{person}")
        eventually(lambda: listener.has_begun, "the microphone is awake", 10)

    def say(self) -> float:
        """Begins to say it, once; when its first sample was said, by `time.monotonic`."""
        self.write_line("say")
        return float(self.wait_for("said ").split()[1])

    def late_s(self) -> float:
        """How late it was at most since it was asked to say something. To be asked once, when all is said."""
        self.write_line("late")
        return float(self.wait_for("late ").split()[1])


def samples_of(speech: Path, rate: int) -> bytes:
    """What a clock that counts `rate` samples a second makes of it."""
    samples, its_rate = soundfile.read(speech)
    assert its_rate == RATE, f"{speech}: {its_rate} Hz"
    if rate != RATE:
        samples = resample_poly(samples, rate // 10, RATE // 10)
    return (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()


def main() -> None:
    fifo, file, error = sys.argv[1:]
    own_rate = round(RATE * (1 + float(error)))
    speech, saying = samples_of(Path(file), own_rate), b""
    count = int(RATE * PERIOD_S)
    silence = bytes(2 * count)
    out = os.open(fifo, os.O_WRONLY)
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(5))
    print("ready", flush=True)
    began, periods, late = time.monotonic(), 0, 0.0
    while True:
        begin, periods = began + periods * count / own_rate, periods + 1
        if select.select([sys.stdin], [], [], 0)[0]:
            if sys.stdin.readline() == "say\n":
                saying, late = speech, 0.0
                print(f"said {begin:.6f}", flush=True)
            else:
                print(f"late {late:.6f}", flush=True)
        period, saying = saying[: 2 * count], saying[2 * count :]
        # The samples of a period are there at its end, as a sound card delivers them.
        end = began + periods * count / own_rate
        time.sleep(max(0, end - time.monotonic()))
        os.write(out, period + silence[len(period) :])
        late = max(late, time.monotonic() - end)


if __name__ == "__main__":
    main()

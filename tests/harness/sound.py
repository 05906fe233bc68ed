"""A private PulseAudio with virtual devices for two people, and recordings of it on one clock."""

import os
import subprocess
import threading
import time
from pathlib import Path

import numpy as np
import soundfile

from .process import Background, eventually

_PERSON = """\
load-module module-null-sink sink_name=spk{p} rate=48000 channels=1 sink_properties=device.description=Speaker{p}
load-module module-null-sink sink_name=mic{p}_feed rate=48000 channels=1 sink_properties=device.description=MicFeed{p}
load-module module-remap-source source_name=mic{p} master=mic{p}_feed.monitor source_properties=device.description=Microphone{p}
"""


class SoundServer(Background):
    """People A and B: what is played into `micA_feed` A says, and the source `spkA.monitor` is what A hears."""

    def __init__(self, folder: Path):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        script = folder / "default.pa"
        script.write_text(
            f".fail\nload-module module-native-protocol-unix socket={folder}/native auth-anonymous=1\n"
            + "".join(_PERSON.format(p=person) for person in "AB")
            + "set-default-sink spkA\nset-default-source micA\n"
        )
        own = {key: value for key, value in os.environ.items() if key != "DBUS_SESSION_BUS_ADDRESS"}
        own.update(XDG_RUNTIME_DIR=str(folder), HOME=str(folder))
        options = ["--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes"]
        options += ["--realtime=yes", "--high-priority=yes", "--log-target=stderr", "--log-level=notice"]
        super().__init__(["pulseaudio", "-n", "-F", script, *options], name="pulseaudio", env=own)
        self.env = {"PULSE_SERVER": f"unix:{folder}/native"}
        eventually(lambda: (folder / "native").exists() or not self.is_running, "PulseAudio listens", 10)
        assert self.is_running, self.tail()
        # A virtual device that nobody listens to renders two seconds ahead, and what is played in that time is not
        # heard. A listener with a small delay keeps it awake, as the clock of a sound card would.
        self._listeners = [self.recorder(f"{sink}.monitor") for sink in ("spkA", "spkB", "micA_feed", "micB_feed")]
        eventually(lambda: all(listener.has_begun for listener in self._listeners), "the devices are awake", 10)

    def stop(self, patience: float = 5) -> None:
        for listener in self._listeners:
            listener.finish()
        super().stop(patience)

    def control(self, *words: str) -> str:
        """`pactl`, PulseAudio's own command."""
        return subprocess.run(
            ["pactl", *words], env={**os.environ, **self.env}, check=True, capture_output=True, text=True, timeout=10
        ).stdout

    def say(self, person: str, speech: Path) -> Background:
        """Plays a WAV file into a person's microphone."""
        return self.play(f"mic{person}_feed", speech)

    def play(self, sink: str, speech: Path) -> Background:
        """Plays a WAV file."""
        return Background(["paplay", f"--device={sink}", speech], env={**os.environ, **self.env})

    def plug(self) -> "Headset":
        """Plugs in a headset."""
        return Headset(self)

    def recorder(self, source: str) -> "Recorder":
        return Recorder(source, {**os.environ, **self.env})


class Headset:
    """A microphone `HeadsetMic` (what is played into `headset_feed`) and a speaker `Headset` that can be pulled out."""

    def __init__(self, server: SoundServer):
        self._server = server
        mono = ["rate=48000", "channels=1"]
        self._modules = [
            server.control("load-module", *module).strip()
            for module in (
                ["module-null-sink", "sink_name=headset", *mono, "sink_properties=device.description=Headset"],
                ["module-null-sink", "sink_name=headset_feed", *mono, "sink_properties=device.description=HeadsetFeed"],
                ["module-remap-source", "source_name=headset_mic", "master=headset_feed.monitor",
                 "source_properties=device.description=HeadsetMic"],
            )
        ]
        self._listeners = [server.recorder(f"{sink}.monitor") for sink in ("headset", "headset_feed")]
        eventually(lambda: all(listener.has_begun for listener in self._listeners), "the headset is awake", 10)

    def unplug(self) -> None:
        for module in reversed(self._modules):
            self._server.control("unload-module", module)
        for listener in self._listeners:
            listener.finish()


class Recorder:
    """Records a source at 48 kHz and knows when its first sample was, as well as the least delayed chunk tells."""

    def __init__(self, source: str, env: dict):
        self._process = subprocess.Popen(
            ["parec", f"--device={source}", "--raw", "--format=s16le", "--rate=48000", "--channels=1", "--latency-msec=5"],
            stdout=subprocess.PIPE,
            env=env,
        )
        self._octets = bytearray()
        self.began = float("inf")
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while received := os.read(self._process.stdout.fileno(), 65536):
            self._octets += received
            self.began = min(self.began, time.monotonic() - len(self._octets) / 96000)

    @property
    def has_begun(self) -> bool:
        return len(self._octets) > 0

    def finish(self) -> np.ndarray:
        self._process.terminate()
        self._process.wait(5)
        self._reader.join(5)
        return np.frombuffer(bytes(self._octets[: len(self._octets) // 2 * 2]), "<i2") / 32768

    def save(self, path: Path) -> Path:
        soundfile.write(path, self.finish(), 48000)
        return path

"""Softphones, each started so that one dials and one answers at its own side of a network, as its user with a headset
would have it: no echo canceller, everything else as it comes, and Opus or A-law as the only codec."""

import hashlib
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Optional

from harness.gudok import Gudok, binary
from harness.process import Background, eventually, run
from harness.sound import SoundServer
from network import ADDRESSES, Network

OPUS, ALAW = "opus", "alaw"
LASTS_S = 600
"""A call ends when its phones are stopped; one that was forgotten ends by itself."""


@dataclass
class Person:
    """Somebody at one side of the network with a sound card of his own."""

    side: str
    folder: Path
    network: Network
    sound: SoundServer
    codec: str
    dials: Optional[str] = None
    """Address to call; without one the phone answers."""
    prefix: list[str] = field(init=False)
    env: dict[str, str] = field(init=False)

    def __post_init__(self):
        self.folder.mkdir(parents=True)
        self.prefix = self.network.inside(self.side)
        self.env = {**self.sound.env, "PULSE_SINK": f"spk{self.side}", "PULSE_SOURCE": f"mic{self.side}"}

    @property
    def address(self) -> str:
        return ADDRESSES[self.side]

    def start(self, command: list, **env: str) -> Background:
        own = {**os.environ, **self.env, "HOME": str(self.folder), "XDG_RUNTIME_DIR": str(self.folder), **env}
        own.pop("DBUS_SESSION_BUS_ADDRESS", None)
        return Background([*self.prefix, *command], env=own, cwd=self.folder)


def _version(pattern: str, *command) -> str:
    return re.search(pattern, subprocess.run(command, capture_output=True, text=True, timeout=10).stdout)[1]


class GudokPhone:
    title = "Gudok"

    def version(self) -> str:
        return _version(r"gudok (\S+)", binary(), "--version")

    @cache
    def fingerprint(self) -> str:
        return hashlib.sha256(binary().read_bytes()).hexdigest()[:12]

    def start(self, person: Person) -> Background:
        gudok = Gudok(person.folder / "profile", env=person.env)
        gudok.add_account("direct", login="p", domain=person.address, register="off", codecs=person.codec)
        devices = gudok.run("devices", "--json")
        said, heard = (
            next(name for name in devices[kind] if name.endswith((f"{title}{person.side}", f"{short}{person.side}")))
            for kind, title, short in (("inputs", "Microphone", "mic"), ("outputs", "Speaker", "spk"))
        )
        words = ["--account", "direct", "--json", "--no-processing", "--audio-in", said, "--audio-out", heard, "--for", f"{LASTS_S}s"]
        words = ["call", person.dials, *words] if person.dials else ["answer", "--calls", "1", *words]
        gudok.listen = f"{person.address}:5060"
        phone = Background([*person.prefix, *gudok.command(*words)], name="gudok", env=gudok.env)
        if not person.dials:
            phone.wait_for('"ready"')
        return phone


_BARESIP = """\
poll_method epoll
sip_listen {address}:5060
call_max_calls 2
audio_player {player}
audio_source {source}
audio_alert {player}
audio_level no
ausrc_format s16
auplay_format s16
auenc_format s16
audec_format s16
audio_buffer 20-160
audio_txmode thread
rtcp_mux no
jitter_buffer_type adaptive
jitter_buffer_delay 1-20
audio_jitter_buffer_type adaptive
audio_jitter_buffer_ms 20-200
opus_stereo no
opus_sprop_stereo no
opus_inbandfec yes
opus_packet_loss 10
opus_application voip
module_path {modules}
module {codec}.so
module {driver}.so
module uuid.so
module_app account.so
module_app contact.so
module_app menu.so
"""


class BaresipPhone:
    """Under any name on the PATH, with the modules that were installed with it. Its settings are those of all versions:
    each takes what it knows."""

    def __init__(self, program: str):
        self._program = program
        self.title = program

    def version(self) -> str:
        return _version(r"v(\d+\.\d+\.\d+)", self._program, "-h")

    def fingerprint(self) -> str:
        return self.version()

    def start(self, person: Person) -> Background:
        installed_in = Path(shutil.which(self._program)).resolve().parent.parent
        modules = next((installed_in / "lib").glob("**/baresip/modules"))
        has_pulse = (modules / "pulse.so").exists()
        (person.folder / "config").write_text(
            _BARESIP.format(
                address=person.address,
                driver="pulse" if has_pulse else "alsa",
                player=f"pulse,spk{person.side}" if has_pulse else "alsa,default",
                source=f"pulse,mic{person.side}" if has_pulse else "alsa,default",
                modules=modules,
                codec={OPUS: "opus", ALAW: "g711"}[person.codec],
            )
        )
        # Its module for G.711 brings both laws.
        codecs = ";audio_codecs=PCMA/8000/1" if person.codec == ALAW else ""
        (person.folder / "accounts").write_text(
            f"<sip:p@{person.address};transport=udp>;answermode=auto;regint=0{codecs}\n"
        )
        (person.folder / "contacts").write_text("")
        alsa = person.folder / "alsa.conf"
        alsa.write_text("</usr/share/alsa/alsa.conf>\npcm.!default { type pulse }\nctl.!default { type pulse }\n")
        dials = ["-e", f"/dial {person.dials}"] if person.dials else []
        phone = person.start([self._program, "-f", person.folder, *dials], ALSA_CONFIG_PATH=str(alsa))
        phone.wait_for("baresip is ready", 10)
        return phone


_LINPHONE = """\
[sip]
sip_port=5060
sip_tcp_port=-1
sip_tls_port=-1
use_ipv6=0
contact=sip:p@{address}
media_encryption=none
register_only_when_network_is_up=0

[net]
firewall_policy=0
mtu=1300

[rtp]
audio_rtp_port=7078

[sound]
playback_dev_id=PulseAudio Unknown: Speaker{side}
capture_dev_id=PulseAudio Unknown: Microphone{side}
ringer_dev_id=PulseAudio Unknown: Speaker{side}
echocancellation=0
remote_ring=

[video]
enabled=0
capture=0
display=0

[misc]
log_collection_upload=0

{codecs}"""
_LINPHONE_CODEC = "[audio_codec_{number}]\nmime={mime}\nrate={rate}\nchannels={channels}\nenabled={enabled}\n"
_LINPHONE_CODECS = (
    (OPUS, "opus", 48000, 2),
    (ALAW, "PCMA", 8000, 1),
    ("", "PCMU", 8000, 1),
    ("", "speex", 16000, 1),
    ("", "speex", 8000, 1),
    ("", "GSM", 8000, 1),
    ("", "G722", 8000, 1),
)
"""Those it would enable by itself, and what we call the two that are used."""


class LinphonePhone:
    title = "Linphone"

    def version(self) -> str:
        return _version(r"version: (\S+)", "linphonec", "-v")

    def fingerprint(self) -> str:
        return self.version()

    def start(self, person: Person) -> Background:
        codecs = "\n".join(
            _LINPHONE_CODEC.format(number=number, mime=mime, rate=rate, channels=channels, enabled=int(name == person.codec))
            for number, (name, mime, rate, channels) in enumerate(_LINPHONE_CODECS)
        )
        settings = person.folder / "linphonerc"
        settings.write_text(_LINPHONE.format(address=person.address, side=person.side, codecs=codecs))
        (person.folder / ".local/share/linphone").mkdir(parents=True)
        log = person.folder / "log"
        words = f"linphonec -c {settings} -d 6 -l {log} " + (f"-s {person.dials}" if person.dials else "-a")
        # It reads a terminal, and ends where that does.
        phone = person.start(["sh", "-c", f"sleep {LASTS_S} | exec script -qfc '{words}' /dev/null"])
        listening = [*person.prefix, "ss", "-Hlun", "sport", "=", "5060"]
        eventually(lambda: run(listening).strip(), "Linphone listens", 20)
        return phone


PHONES = {
    "gudok": GudokPhone(),
    "baresip": BaresipPhone("baresip"),
    "linphone": LinphonePhone(),
    "baresip-new": BaresipPhone("baresip-new"),
}
PROGRAMS = {"baresip": "baresip", "linphone": "linphonec", "baresip-new": "baresip-new"}


def installed() -> list[str]:
    return [name for name in PHONES if name not in PROGRAMS or shutil.which(PROGRAMS[name])]

"""baresip, driven through its control socket. Gives MD5 answers only, so it signs in to MD5 servers."""

import json
import socket
import threading
import time
from pathlib import Path
from typing import Optional

from .ports import free_ports
from .process import Background, eventually

_CONFIG = """\
poll_method epoll
sip_listen {address}:{port}
call_local_timeout 120
call_max_calls 8
audio_player {player}
audio_source {source}
audio_alert aufile,/dev/null
audio_level no
ausrc_format s16
auplay_format s16
auenc_format s16
audec_format s16
audio_buffer 20-160
rtp_tos 184
rtp_ports {rtp}-{rtp_last}
rtcp_mux {rtcp_mux}
jitter_buffer_type adaptive
jitter_buffer_delay 1-20
opus_stereo no
opus_sprop_stereo no
opus_bitrate 64000
opus_application voip
{ca}
snd_path {folder}
module_path {modules}
module {codec}.so
module aufile.so
module aubridge.so
module ausine.so
{record}
{encryption}
module_tmp uuid.so
module_tmp account.so
module_app contact.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control}
statmode_default off
"""


class Baresip(Background):
    """One person at baresip: says a WAV file (at the codec's own rate) or, without one, echoes what it hears."""

    def __init__(
        self,
        folder: Path,
        user: str,
        codec: str = "g711",
        says: Optional[Path] = None,
        registrar: Optional[str] = None,
        password: Optional[str] = None,
        transport: str = "udp",
        answers: bool = True,
        address: str = "127.0.0.1",
        ca: Optional[Path] = None,
        mediaenc: Optional[str] = None,
        rtcp_mux: bool = False,
    ):
        """`mediaenc` is how it encrypts: srtp, srtp-mand, srtp-mandf, dtls_srtp."""
        self.port = free_ports(2)
        rtp, control = free_ports(32), free_ports(1)
        self.folder = folder
        self.events: list[dict] = []
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config").write_text(
            _CONFIG.format(
                address=f"[{address}]" if ":" in address else address,
                port=self.port,
                player="aubridge,said",
                source=f"aufile,{says}" if says else "aubridge,said",
                rtp=rtp,
                rtp_last=rtp + 31,
                ca=f"sip_cafile {ca}" if ca else "",
                folder=folder,
                modules=next(Path("/usr/lib").glob("**/baresip/modules")),
                codec=codec,
                record="module sndfile.so" if says else "",
                control=control,
                rtcp_mux="yes" if rtcp_mux else "no",
                encryption=f"module {mediaenc.split('-')[0]}.so" if mediaenc else "",
            )
        )
        host = registrar or (f"[{address}]:{self.port}" if ":" in address else f"{address}:{self.port}")
        account = f"<sip:{user}@{host};transport={transport}>;answermode={'auto' if answers else 'manual'}"
        account += f";mediaenc={mediaenc}" if mediaenc else ""
        account += f";auth_pass={password};regint=120" if registrar else ";regint=0"
        (folder / "accounts").write_text(account + "\n")
        (folder / "contacts").write_text("")
        self._control: Optional[socket.socket] = None
        super().__init__(["baresip", "-f", folder], name=f"baresip-{user}", cwd=folder)
        self.uri = f"sip:{user}@{host}"
        self._control = self._connect(control)
        threading.Thread(target=self._read_events, daemon=True).start()
        self.wait_for("baresip is ready", 10)

    def _connect(self, port: int) -> socket.socket:
        def attempt():
            try:
                return socket.create_connection(("127.0.0.1", port), 2)
            except OSError:
                assert self.is_running, self.tail()
                return None

        control = eventually(attempt, "baresip opens its control socket", 10)
        control.settimeout(None)
        return control

    def _read_events(self) -> None:
        """Netstrings of JSON, as module ctrl_tcp sends them."""
        buffer = b""
        while True:
            try:
                received = self._control.recv(65536)
            except OSError:
                return
            if not received:
                return
            buffer += received
            while b":" in buffer:
                length, _, rest = buffer.partition(b":")
                if len(rest) < int(length) + 1:
                    break
                message, buffer = rest[: int(length)], rest[int(length) + 1 :]
                self.events.append(json.loads(message))

    def tell(self, name: str, parameters: str = "") -> None:
        message = json.dumps({"command": name, "params": parameters, "token": "t"}).encode()
        self._control.sendall(b"%d:%s," % (len(message), message))

    def event(self, kind: str, timeout: float = 15) -> dict:
        """The first event of a kind such as CALL_ESTABLISHED."""
        return eventually(
            lambda: next((event for event in list(self.events) if event.get("type") == kind), None),
            f"baresip says {kind}; it said {[event.get('type') for event in self.events]}",
            timeout,
        )

    def has(self, kind: str) -> bool:
        return any(event.get("type") == kind for event in list(self.events))

    def dial(self, uri: str) -> None:
        self.tell("dial", uri)

    def hang_up(self) -> None:
        self.tell("hangup")

    def recording(self) -> Path:
        """What baresip heard, as its module sndfile wrote it; ask once the call is over."""
        time.sleep(0.5)
        return eventually(
            lambda: next(iter(sorted(self.folder.glob("dump-*dec.wav"))), None), "baresip recorded what it heard", 5
        )

    def stop(self, patience: float = 5) -> None:
        super().stop(patience)
        if self._control:
            self._control.close()

"""The peers among themselves, without Gudok: what fails here is not Gudok's doing."""

import time

import numpy as np
import soundfile

from harness.baresip import Baresip
from harness.score import score
from harness.sipp import Sipp, encode_alaw


def _decode_alaw(octets: bytes) -> np.ndarray:
    value = np.frombuffer(octets, np.uint8).astype(int) ^ 0x55
    exponent, mantissa = value >> 4 & 7, value & 15
    magnitude = np.where(exponent == 0, (mantissa << 4) + 8, (mantissa << 4) + 0x108 << np.maximum(exponent - 1, 0))
    return np.where(value & 0x80, magnitude, -magnitude) / 32768


def test_the_score_of_a_copy_is_the_best_and_a_law_alone_passes(folder, russian, english):
    for speech in (russian, english):
        score(speech.at(48000), speech.at(16000), wideband=True).at_least(4.5)
        said, _ = soundfile.read(speech.at(8000))
        heard = folder / "alaw.wav"
        soundfile.write(heard, np.concatenate([np.zeros(4000), _decode_alaw(encode_alaw(said))]), 8000)
        result = score(speech.at(48000), heard, wideband=False)
        assert abs(result.delay_s - 0.5) < 0.01, result
        result.at_least(4.1)


def test_baresip_registers_at_kamailio(kamailio, folder):
    assert kamailio.contact_of("bob") is None
    with Baresip(folder / "bob", "bob", registrar=kamailio.address, password="bobpw"):
        kamailio.wait_registered("bob")


def test_sipp_calls_sipp(folder):
    callee = Sipp(folder / "uas", "uas")
    caller = Sipp(folder / "uac", "uac", target=callee.address)
    caller.succeeds()
    callee.succeeds()


def test_baresip_hears_itself_through_asterisk(asterisk_server, folder, english):
    with Baresip(folder / "caller", "guest", says=english.at(8000)) as caller:
        caller.dial(f"sip:600@{asterisk_server.address}")
        caller.event("CALL_ESTABLISHED")
        time.sleep(english.seconds + 2)
        caller.hang_up()
        caller.event("CALL_CLOSED")
        score(english.at(48000), caller.recording(), wideband=False).at_least(3.5)


def test_baresip_hears_itself_through_asterisk_with_opus(asterisk_server, folder, english):
    with Baresip(folder / "caller", "guest", codec="opus", says=english.at(48000)) as caller:
        caller.dial(f"sip:600@{asterisk_server.address}")
        caller.event("CALL_ESTABLISHED")
        time.sleep(english.seconds + 2)
        caller.hang_up()
        caller.event("CALL_CLOSED")
        score(english.at(48000), caller.recording(), wideband=True).at_least(3.5)

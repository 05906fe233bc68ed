"""The window, driven by mouse and keyboard on a desktop of its own, with a sound server's devices."""

import time

import numpy as np
import pytest
import soundfile

from harness.baresip import Baresip
from harness.desktop import Desktop, Window
from harness.score import score
from harness.sound import SoundServer

pytestmark = pytest.mark.timeout(240)


@pytest.fixture
def desktop(folder):
    with Desktop(folder / "desktop") as desktop:
        yield desktop


@pytest.fixture
def sound(folder):
    with SoundServer(folder / "sound") as server:
        yield server


@pytest.fixture
def with_alice(gudok, sound, kamailio):
    """A Gudok whose one line is alice at Kamailio."""
    phone = gudok(env=sound.env)
    phone.add_account("Office", "alicepw", login="alice", domain=kamailio.address, codecs="alaw")
    return phone


def as_spoken(phone) -> None:
    """Both sides speak at once here, or one hears oneself: an echo canceller takes much of that for an echo."""
    assert phone.run("sound", "echo_cancellation=off").code == 0


def test_first_run_calls_the_test_line_talks_and_hangs_up(gudok, desktop, sound, english, folder):
    phone = gudok(env=sound.env)
    as_spoken(phone)
    with Window(phone, desktop) as window:
        window.screenshot("first-run")
        window.click("Call the test line")
        window.find("talking.*|.*: talking")
        window.screenshot("test-line")
        ear = sound.recorder("spkA.monitor")
        time.sleep(1)
        sound.say("A", english.at(48000)).finish(30)
        time.sleep(1)
        window.click("Hang up")
        heard = score(english.at(48000), ear.save(folder / "ear.wav"), wideband=True)
        window.find("The call is over|Redial|Hear yourself")
        heard.at_least(3.5)


def test_an_account_from_the_form_registers_and_calls(gudok, desktop, sound, kamailio, english, russian, folder):
    # baresip hangs up when it has said everything, so it is given more time than the test needs.
    said, rate = soundfile.read(russian.at(8000))
    soundfile.write(folder / "bob.wav", np.concatenate([said, np.zeros(30 * rate)]), rate)
    phone = gudok(env=sound.env)
    as_spoken(phone)
    with Baresip(
        folder / "bob", "bob", says=folder / "bob.wav", registrar=kamailio.address, password="bobpw"
    ) as bob, Window(phone, desktop) as window:
        kamailio.wait_registered("bob")
        window.click("Add your own line")
        window.fill("Login", "alice")
        window.fill("Password", "alicepw")
        window.fill("Domain", kamailio.address)
        window.screenshot("form")
        window.click("Add the line")
        # There is no key store here, and the window says so and what can be done.
        window.screenshot("no-key-store")
        window.click("Keep passwords in a file that only I can read")
        kamailio.wait_registered("alice")
        window.find("ready")
        window.screenshot("registered")
        window.click("Phone")
        window.fill("Number or address", "bob")
        ear = sound.recorder("spkA.monitor")
        window.press("Return")
        bob.event("CALL_ESTABLISHED")
        window.screenshot("call")
        sound.say("A", english.at(48000)).finish(30)
        time.sleep(1)
        window.click("Hang up")
        bob.event("CALL_CLOSED")
        # The far side's buffers and the sound server take their part.
        score(russian.at(48000), ear.save(folder / "ear.wav"), wideband=False).at_least(3.3)
        score(english.at(48000), bob.recording(), wideband=False).at_least(3.0)


def test_an_incoming_call_is_answered_by_a_click(with_alice, desktop, kamailio, folder):
    with Baresip(folder / "bob", "bob", registrar=kamailio.address, password="bobpw") as bob, Window(
        with_alice, desktop
    ) as window:
        kamailio.wait_registered("alice")
        kamailio.wait_registered("bob")
        bob.dial(f"sip:alice@{kamailio.address}")
        window.find("Answer")
        window.screenshot("incoming")
        window.click("Answer")
        bob.event("CALL_ESTABLISHED", 5)
        window.find("talking.*|.*: talking")
        window.screenshot("answered")
        bob.hang_up()
        window.find("The call is over|they hung up.*|.*they hung up|Call back")


def test_an_incoming_call_is_declined_by_a_click(with_alice, desktop, kamailio, folder):
    with Baresip(folder / "bob", "bob", registrar=kamailio.address, password="bobpw") as bob, Window(
        with_alice, desktop
    ) as window:
        kamailio.wait_registered("alice")
        kamailio.wait_registered("bob")
        bob.dial(f"sip:alice@{kamailio.address}")
        window.click("Decline")
        window.screenshot("declined")
        bob.event("CALL_CLOSED", 5)


def test_an_idle_window_costs_no_processor_time(with_alice, desktop, kamailio):
    with Window(with_alice, desktop) as window:
        kamailio.wait_registered("alice")
        time.sleep(3)
        before = window.processor_seconds()
        time.sleep(20)
        assert window.processor_seconds() - before <= 0.005 * 20

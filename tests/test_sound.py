"""Devices of a real sound server."""

import json
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from harness.desktop import Desktop, Window
from harness.process import eventually
from harness.score import frequency_of, score
from harness.sound import SoundServer

RATE = 48000


@pytest.fixture
def sound(folder):
    with SoundServer(folder / "sound") as server:
        yield server


def device_named(phone, kind: str, name: str) -> str:
    """The name that Gudok gives to a device of the sound server."""
    listed = phone.run("devices", "--json")
    assert listed.code == 0, str(listed)
    names = json.loads(listed.stdout)[kind]
    return next((found for found in names if name in found), f"no {name} in {names}")


def test_the_devices_of_the_sound_server_are_listed(gudok, sound):
    phone = gudok(env=sound.env)
    for person in "AB":
        assert device_named(phone, "inputs", f"Microphone{person}").count("no ") == 0
        assert device_named(phone, "outputs", f"Speaker{person}").count("no ") == 0


def test_speech_goes_from_the_microphone_through_a_call_to_the_speaker(gudok, sound, asterisk_server, english, folder):
    phone = gudok(env=sound.env)
    phone.add_account("work", "secret1", login="6001", domain=asterisk_server.address)
    ear = sound.recorder("spkA.monitor")
    call = phone.start(
        "call", "600", "--account", "work", "--audio-in", "default", "--audio-out", "default",
        "--for", f"{english.seconds + 4:g}s", "--json",
        # One's own voice comes back while one speaks, which an echo canceller has to take for an echo at first.
        "--no-processing",
    )
    eventually(lambda: sound.control("list", "short", "source-outputs").count("\n") >= 2, "Gudok opens the microphone", 10)
    sound.say("A", english.at(48000)).finish(30)
    assert call.finish(30) == 0, call.tail()
    result = score(english.at(48000), ear.save(folder / "ear.wav"), wideband=True)
    result.at_least(3.8)


def test_two_people_at_devices_chosen_by_name(gudok, sound, kamailio, folder):
    phones = {}
    for person, user in (("A", "alice"), ("B", "bob")):
        phone = phones[person] = gudok(env=sound.env)
        phone.add_account(user, f"{user}pw", login=user, domain=kamailio.address)
    devices = {
        person: (device_named(phone, "inputs", f"Microphone{person}"), device_named(phone, "outputs", f"Speaker{person}"))
        for person, phone in phones.items()
    }
    answering = phones["B"].answering("bob", says="tone:700", hears=devices["B"][1])
    kamailio.wait_registered("bob")
    ear_a, ear_b = sound.recorder("spkA.monitor"), sound.recorder("spkB.monitor")
    phones["A"].call("bob", "alice", says="tone:500", hears=devices["A"][1], seconds=4).completed()
    answering.outcome().completed()
    assert frequency_of(ear_a.save(folder / "a.wav"), 2) == pytest.approx(700, abs=10)
    assert frequency_of(ear_b.save(folder / "b.wav"), 2) == pytest.approx(500, abs=10)


def test_a_sound_server_that_dies_does_not_end_the_call(gudok, sound, asterisk_server):
    phone = gudok(env=sound.env)
    phone.add_account("work", "secret1", login="6001", domain=asterisk_server.address)
    with phone.engine(says="default", hears="default") as engine:
        engine.wait_registered("work")
        call = engine.dial("600", "work")
        engine.wait_call("active")
        sound.stop()
        eventually(lambda: engine.calls()[-1]["warning"], "the call says that a device is lost", 5)
        assert engine.calls()[-1]["state"]["state"] == "active"
        engine.tell("hang_up", call=call["id"])
        engine.wait_call("ended")


def tone(path: Path, hertz: float, seconds: float, peak: float = 0.3) -> Path:
    """A WAV file with a tone."""
    soundfile.write(path, peak * np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE), RATE)
    return path


def loudness_of(hertz: float, samples: np.ndarray, window_s: float = 0.02) -> np.ndarray:
    """How loud a frequency is in each window."""
    window = int(window_s * RATE)
    pieces = samples[: len(samples) // window * window].reshape(-1, window)
    wave = np.exp(-2j * np.pi * hertz * np.arange(window) / RATE) * np.hanning(window)
    return np.abs(pieces @ wave) / window * 4


@pytest.fixture
def pair(gudok, sound):
    """Two phones that call each other without a server; the second waits for calls where it is told to."""
    phones = []
    for user in ("a", "b"):
        phone = gudok(listen="127.0.0.1:0", env=sound.env)
        phone.add_account("direct", login=user, domain="127.0.0.1", register="off")
        phones.append(phone)
    return phones


OFF = ("echo_cancellation=off", "noise_suppression=off", "gain_control=off")


def test_a_headset_pulled_out_in_a_call_is_stood_in_for_within_a_second_and_takes_over_again(pair, sound, folder):
    alice, bob = pair
    # Steady tones are noise to a telephone.
    assert alice.run("sound", *OFF).code == 0
    headset = sound.plug()
    sound.play("headset_feed", tone(folder / "500.wav", 500, 60))
    sound.say("A", tone(folder / "900.wav", 900, 60))
    answering = bob.answering("direct", says="tone:700", hears=folder / "b.wav")
    with alice.engine(says="HeadsetMic", hears="Headset") as engine:
        call = engine.dial(f"sip:b@127.0.0.1:{answering.port}", "direct")
        engine.wait_call("active")
        ear = sound.recorder("spkA.monitor")
        time.sleep(3)
        pulled = time.monotonic()
        headset.unplug()
        lost = eventually(lambda: engine.calls()[-1]["warning"], "the call says that a device is lost", 5)
        assert lost["kind"] == "device-lost" and "Headset" in lost["device"], lost
        instead = eventually(lambda: (engine.calls()[-1]["warning"] or {}).get("instead"), "another takes over", 5)
        assert instead in ("MicrophoneA", "SpeakerA")
        time.sleep(1)
        heard = ear.finish()
        before = int((pulled - ear.began) * RATE)
        assert np.max(np.abs(heard[: before - RATE // 5])) < 1e-3, "the headset had it"
        first = before + int(np.argmax(np.abs(heard[before:]) > 0.01))
        assert np.max(np.abs(heard[before:])) > 0.01 and first / RATE + ear.began - pulled <= 1
        headset = sound.plug()
        sound.play("headset_feed", folder / "500.wav")
        eventually(lambda: engine.calls()[-1]["warning"] is None, "the headset has taken over again", 8)
        ear = sound.recorder("headset.monitor")
        time.sleep(2)
        assert np.max(np.abs(ear.finish())) > 0.01
        assert engine.calls()[-1]["state"]["state"] == "active"
        engine.tell("hang_up", call=call["id"])
        answering.outcome().completed()
    heard, _ = soundfile.read(folder / "b.wav")
    of_headset, of_other = (np.flatnonzero(loudness_of(hertz, heard) > 0.05) for hertz in (500, 900))
    assert len(of_headset) and len(of_other), "both microphones were heard"
    before = of_headset[of_headset < of_other[0]]
    after = of_headset[of_headset > of_other[-1]]
    assert len(before) > 50 and len(after) > 25, "first the headset, then the other, then the headset"
    assert (of_other[0] - before[-1]) * 0.02 <= 1


def test_the_window_tells_of_a_device_that_is_lost_and_of_its_return(pair, sound, folder):
    alice, bob = pair
    headset = sound.plug()
    answering = bob.answering("direct", says="tone:700")
    with Desktop(folder / "desktop") as desktop, Window(alice, desktop) as window:
        for role, device in (("microphone", "HeadsetMic"), ("speaker", "Headset")):
            assert alice.run("ctl", "select_device", json.dumps({"role": role, "device": device})).code == 0
        dial = {"target": f"sip:b@127.0.0.1:{answering.port}"}
        assert alice.run("ctl", "dial", json.dumps(dial)).code == 0
        window.find("talking.*|.*: talking")
        headset.unplug()
        window.find("“Headset.*” is gone.*")
        window.screenshot("device-lost")
        headset = sound.plug()
        eventually(lambda: window.look_for("“Headset.*” is gone.*") is None, "the notice goes", 10)
        window.click("Hang up")
        window.click("Settings")
        window.find("Speaker: Headset")
        headset.unplug()
        window.find("Speaker: Headset .not connected.")
        window.screenshot("device-away")
        sound.plug()
        window.find("Speaker: Headset")


def test_a_device_is_tried_out(pair, sound, english, folder):
    alice, _ = pair
    ear = sound.recorder("spkA.monitor")
    listening = sound.control("list", "short", "source-outputs").count("\n")
    trial = alice.start("devices", "--try", "microphone", "--json")
    eventually(lambda: sound.control("list", "short", "source-outputs").count("\n") > listening, "the microphone is open", 10)
    sound.say("A", english.at(RATE))
    assert trial.finish(30) == 0, trial.tail()
    assert np.max(np.abs(ear.finish())) > 0.05, "what was said is played back"
    for device in ("speaker", "ring"):
        ear = sound.recorder("spkA.monitor")
        tried = alice.run("devices", "--try", device, "--json")
        assert tried.code == 0, str(tried)
        assert np.max(np.abs(ear.finish())) > 0.02, f"the {device} is heard"


def test_how_the_sound_is_can_be_changed_and_stays(gudok):
    phone = gudok()
    shown = phone.run("sound")
    assert "echo_cancellation=on" in shown.stdout and "tones=system" in shown.stdout, str(shown)
    assert phone.run("sound", "echo_cancellation=off", "noise_suppression=on", "tones=de", "ring_tone=bell").code == 0
    shown = phone.run("sound", "--json")
    assert (shown["echo_cancellation"], shown["tones"], shown["ring_tone"]) == (False, "de", "bell"), str(shown)
    assert (shown["noise_suppression"], shown["recording_tone"]) == (True, False), str(shown)
    for wrong in ("echo_cancellation=perhaps", "tones=xx", "volume=11", "ring_tone=/nowhere/ring.wav"):
        refused = phone.run("sound", wrong)
        assert refused.code == 1 and refused.stderr.strip(), str(refused)
    assert phone.run("sound", "--json")["tones"] == "de"


@pytest.mark.parametrize("country, hertz", [("ru", (425,)), ("us", (480, 620))])
def test_a_busy_number_sounds_as_in_the_chosen_country(gudok, sound, folder, country, hertz):
    phone = gudok(env=sound.env)
    assert phone.run("sound", f"tones={country}").code == 0
    with phone.engine_with_own_devices() as engine:
        ear = sound.recorder("spkA.monitor")
        engine.tell("dial", target="sip:busy@test-line")
        engine.wait_call("ended")
        time.sleep(2.5)
        samples = ear.finish()
    loud = [float(np.median(np.sort(loudness_of(f, samples, 0.1))[-5:])) for f in hertz]
    assert all(level > 0.02 for level in loud), loud


def test_a_file_rings_and_a_built_in_ring_when_it_is_gone(gudok, sound, folder):
    phone = gudok(env=sound.env)
    ring = tone(folder / "ring.wav", 1000, 2)
    assert phone.run("sound", f"ring_tone={ring}").code == 0

    def rings() -> float:
        with phone.engine_with_own_devices() as engine:
            engine.tell("dial", target="sip:callback@test-line")
            engine.wait_call("incoming", timeout=20)
            ear = sound.recorder("spkA.monitor")
            time.sleep(2)
            engine.tell("decline", call=engine.calls()[-1]["id"])
            return frequency_of(ear.save(folder / "ear.wav"), 0.0)

    assert rings() == pytest.approx(1000, abs=10)
    ring.unlink()
    assert min(abs(rings() - note) for note in (659, 831)) < 15, "the built-in ring"


def test_both_sides_hear_that_a_call_is_recorded_if_that_is_wanted(pair, folder):
    alice, bob = pair
    assert alice.run("sound", "recording_tone=on").code == 0
    answering = bob.answering("direct", says="silence", hears=folder / "b.wav")
    with alice.engine(says="silence", hears=folder / "a.wav") as engine:
        call = engine.dial(f"sip:b@127.0.0.1:{answering.port}", "direct")
        engine.wait_call("active")
        time.sleep(1)
        engine.tell("mute", call=call["id"], on=True)
        engine.tell("record", call=call["id"], on=True)
        time.sleep(2)
        engine.tell("hang_up", call=call["id"])
        answering.outcome().completed()
        engine.quit()
    for ear in ("a.wav", "b.wav"):
        heard, _ = soundfile.read(folder / ear)
        beeps = loudness_of(1400, heard) > 0.05
        assert 0.1 <= beeps.sum() * 0.02 <= 0.3, f"{ear}: {beeps.sum()}"

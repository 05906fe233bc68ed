"""Devices of a real sound server."""

import json

import pytest

from harness.process import eventually
from harness.score import frequency_of, score
from harness.sound import SoundServer


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

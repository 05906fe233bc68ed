"""Calls joined by one Gudok: who hears whom is told from the tones that each party says."""

import time

import numpy as np
import pytest
import soundfile
from scipy.signal import resample_poly

from harness.process import eventually

HOST_HZ = 320
GUEST_HZ = (410, 530, 620, 750, 890, 1040, 1150)
"""Tones that are no sums or multiples of each other, and no keys of a telephone."""


@pytest.fixture
def conference(gudok, folder):
    """A host who says one tone, and guests who say others."""
    host = gudok(listen="127.0.0.1:0")
    host.add_account("direct", login="host", domain="127.0.0.1", register="off")
    parties = {hz: folder / f"{hz}.wav" for hz in (HOST_HZ, *GUEST_HZ)}
    guests = {}
    for hz in GUEST_HZ:
        phone = gudok(listen="127.0.0.1:0")
        codecs = "opus" if hz % 20 else "alaw"
        phone.add_account("direct", login="guest", domain="127.0.0.1", register="off", codecs=codecs)
        guests[hz] = phone.answering("direct", says=f"tone:{hz}", hears=parties[hz])
    with host.engine(says=f"tone:{HOST_HZ}", hears=parties[HOST_HZ]) as engine:
        yield engine, guests, parties


def call(engine, guest):
    """Calls a guest; the call once both speak."""
    identifier = engine.dial(f"sip:guest@127.0.0.1:{guest.port}", "direct")["id"]
    wait_state(engine, identifier, "active")
    return identifier


def wait_state(engine, identifier, state):
    def there():
        found = next(call for call in engine.calls() if call["id"] == identifier)
        return found["state"]["state"] == state and found

    return eventually(there, f"call {identifier} is {state}", 10)


def heard_at_the_end(file, seconds):
    """The tones in the last seconds of a recording, but for the last half second."""
    samples, rate = soundfile.read(file)
    samples = resample_poly(samples, 1, rate // 8000)[-int((seconds + 0.5) * 8000) : -4000]
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) / len(samples) * 4
    at = len(samples) / 8000
    level = {hz: spectrum[round((hz - 8) * at) : round((hz + 8) * at)].max() for hz in (HOST_HZ, *GUEST_HZ)}
    return {hz for hz, peak in level.items() if peak > 0.02}, level


def test_eight_people_hear_all_others_and_nobody_himself(conference):
    engine, guests, parties = conference
    calls = [call(engine, guest) for guest in guests.values()]
    for identifier in calls[:-1]:
        engine.tell("join", call=identifier)
    for identifier in calls:
        assert wait_state(engine, identifier, "active")["joined"]
    time.sleep(3)
    engine.tell("end_conference")
    for guest in guests.values():
        guest.outcome().completed()
    engine.quit()
    everyone = {HOST_HZ, *GUEST_HZ}
    for hz, file in parties.items():
        heard, levels = heard_at_the_end(file, 1.5)
        assert heard == everyone - {hz}, f"who says {hz} hears {levels}"


def test_who_is_split_off_silenced_or_muted(conference):
    engine, guests, parties = conference
    chosen = dict(list(guests.items())[:3])
    first, second, third = chosen
    calls = {hz: call(engine, guest) for hz, guest in chosen.items()}
    engine.tell("join", call=calls[first])
    engine.tell("join", call=calls[second])
    for identifier in calls.values():
        wait_state(engine, identifier, "active")
    engine.tell("silence", call=calls[second], on=True)
    engine.tell("mute", call=calls[first], on=True)
    assert all(call["muted"] for call in engine.calls()), "there is one microphone"
    engine.tell("part", call=calls[third])
    assert not wait_state(engine, calls[third], "held")["joined"]
    time.sleep(2.5)
    engine.tell("hang_up", call=calls[first])
    heard, levels = {}, {}
    chosen[first].outcome().completed()
    heard[first], levels[first] = heard_at_the_end(parties[first], 1)
    # Who is left alone with the host is in a call like any other.
    left = next(call for call in engine.calls() if call["id"] == calls[second])
    assert not left["joined"] and not left["silenced"]
    engine.tell("mute", call=calls[second], on=False)
    time.sleep(2)
    engine.tell("hang_up", call=calls[second])
    engine.tell("hang_up", call=calls[third])
    for hz in (second, third):
        chosen[hz].outcome().completed()
        heard[hz], levels[hz] = heard_at_the_end(parties[hz], 1)
    assert heard == {first: set(), second: {HOST_HZ}, third: set()}, levels


def test_another_call_holds_the_whole_conference_and_resuming_brings_it_back(conference):
    engine, guests, parties = conference
    first, second, third = (call(engine, guest) for guest in list(guests.values())[:3])
    engine.tell("join", call=first)
    joined = {call["id"] for call in engine.calls() if call["joined"]}
    assert joined == {first, third}, "the call that is spoken with"
    engine.tell("hold", call=second, on=False)
    for identifier in (first, third):
        wait_state(engine, identifier, "held")
    wait_state(engine, second, "active")
    engine.tell("hold", call=first, on=False)
    for identifier in (first, third):
        wait_state(engine, identifier, "active")
    wait_state(engine, second, "held")
    assert engine.ask("join", call=first).code == 1, "it is joined already"
    assert engine.ask("part", call=second).code == 1, "it is not joined"

"""Recordings of real calls, decoded by somebody else's decoder."""

import os
import signal
import stat
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from harness.kamailio import PASSWORDS
from harness.process import Background, eventually
from harness.recording import complaints, decoded, seconds
from harness.score import score

ECHO, TONE = "sip:echo@test-line", "sip:tone@test-line"
SILENT = ["--audio-in", "silence", "--audio-out", "silence"]


def recordings(phone) -> list[Path]:
    return sorted((phone.profile / "recordings").glob("*.ogg"))


def later(speech, by: float, folder: Path) -> Path:
    """The sentence after `by` s of silence."""
    samples, rate = soundfile.read(speech.at(48000))
    path = folder / "later.wav"
    soundfile.write(path, np.concatenate([np.zeros(int(by * rate)), samples]), rate, subtype="PCM_16")
    return path


def test_both_sides_are_in_the_recording_in_time_with_each_other(gudok, kamailio, english, russian, folder):
    alice, bob = gudok(), gudok()
    for phone, user in ((alice, "alice"), (bob, "bob")):
        phone.add_account(user, PASSWORDS[user], login=user, domain=kamailio.address)
    # Alice speaks first, and then Bob.
    turn = english.seconds
    answering = bob.answering("bob", says=later(russian, turn, folder))
    kamailio.wait_registered("bob")
    outcome = alice.call(
        "bob", "alice", says=english.at(48000), seconds=turn + russian.seconds + 1, record=True
    ).completed()
    answering.outcome().completed()

    path = Path(outcome["recording"])
    assert [path] == recordings(alice) and recordings(bob) == []
    assert path.name.endswith(" bob out.ogg"), path.name
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert complaints(path) == []
    heard = decoded(path, folder / "recording.wav")
    assert soundfile.info(heard).channels == 1
    assert soundfile.info(heard).duration == pytest.approx(outcome["duration_s"], abs=0.3)
    hers, his = score(english.at(48000), heard, wideband=True), score(russian.at(48000), heard, wideband=True)
    # His voice was coded twice, and came through a jitter buffer.
    assert hers.pesq >= 3.5 and his.pesq >= 3.0, (hers, his)
    assert his.delay_s - hers.delay_s == pytest.approx(turn, abs=0.3), (hers, his)


@pytest.mark.parametrize("after", [1.3, 3.0, 4.1])
def test_a_recording_survives_kill_9(gudok, folder, after):
    phone = gudok()
    call = phone.start("call", TONE, "--json", "--record", *SILENT)
    eventually(lambda: recordings(phone), "the recording begins", 15, 0.01)
    began = time.monotonic()
    time.sleep(after)
    lasted = time.monotonic() - began
    os.killpg(call.process.pid, signal.SIGKILL)
    call.process.wait(5)
    heard = decoded(recordings(phone)[0], folder / "left.wav")
    left = soundfile.info(heard).duration
    assert lasted - 0.5 <= left <= lasted + 0.2, f"{left:.2f} s of {lasted:.2f} s"
    samples, rate = soundfile.read(heard)
    assert np.sqrt(np.mean(samples[rate // 2 :] ** 2)) > 0.05, "the tone is in it"


def test_it_is_paused_resumed_stopped_and_started_again_by_hand(gudok, folder):
    phone = gudok()
    with phone.engine(says="tone:440") as engine:
        engine.tell("dial", target=ECHO)
        call = engine.wait_call("active")["id"]
        assert engine.calls()[-1]["recording"] is None

        def state():
            return (engine.calls()[-1]["recording"] or {}).get("state")

        def during(wanted: str, wait: float) -> float:
            assert state() == wanted
            time.sleep(wait)
            return time.monotonic()

        assert engine.ask("pause_recording", call=call, on=True).code == 1, "nothing is recorded yet"
        engine.tell("record", call=call, on=True)
        began = time.monotonic()
        running = during("running", 1) - began
        engine.tell("pause_recording", call=call, on=True)
        during("paused", 2)
        engine.tell("pause_recording", call=call, on=False)
        resumed = time.monotonic()
        running += during("running", 1) - resumed
        engine.tell("record", call=call, on=False)
        first = Path(engine.calls()[-1]["recording"]["path"])
        eventually(lambda: state() == "saved", "the first file is whole", 3)
        engine.tell("record", call=call, on=True)
        second = Path(engine.calls()[-1]["recording"]["path"])
        engine.tell("hold", call=call, on=True)
        engine.wait_call("held")
        during("running", 0.5)
        engine.tell("hang_up", call=call)
        ended = engine.wait_call("ended")
        assert ended["recording"]["path"] == str(second) and first != second
        eventually(lambda: state() == "saved", "the second file is whole", 3)
    assert recordings(phone) == sorted([first, second])
    assert [complaints(path) for path in (first, second)] == [[], []]
    # The commands themselves take their time.
    assert seconds(first, folder / "first.wav") == pytest.approx(running, abs=0.5)


def test_a_folder_that_can_not_be_made_leaves_the_call_alone(gudok):
    phone = gudok()
    (phone.profile / "recordings").write_text("in the way")
    outcome = phone.run("call", TONE, "--json", "--record", *SILENT, "--for", "2s").completed()
    assert outcome["recording"] is None and outcome["warning"]["kind"] == "recording", outcome
    assert outcome["received"]["packets"] > 80


def test_a_full_disk_ends_the_recording_and_not_the_call(gudok, folder):
    phone = gudok()
    # Files may not grow beyond 16 KiB: what a full disk says, too, is an error and no signal.
    limited = "trap '' XFSZ; ulimit -f 32; exec \"$@\""
    words = phone.command("call", TONE, "--json", "--record", *SILENT, "--for", "8s")
    command = ["dash", "-c", limited, "dash", *words]
    with Background(command, name="gudok", env=phone.env, separate_stderr=True) as call:
        assert call.finish(30) == 0, call.tail()
        outcome = call.lines[-1]
    assert '"result":"completed"' in outcome and '"kind":"recording"' in outcome, outcome
    assert "reason-disk-full" in outcome, outcome
    path = recordings(phone)[0]
    assert path.stat().st_size <= 16384
    assert 2 < seconds(path, folder / "left.wav") < 7

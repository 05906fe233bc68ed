"""Calls both ways with SIPp, which fails at the first message that is not as it should be."""

import re
import shutil
from pathlib import Path

import pytest
import soundfile

from harness.process import eventually
from harness.score import score
from harness.sipp import Sipp, write_alaw_capture

DIGIT = Path("/usr/share/sip-tester/dtmf_2833_1.pcap")


@pytest.fixture
def bare(gudok):
    """A Gudok with an account that needs no registrar."""

    def make(codecs="opus,alaw,ulaw", transport="udp", domain="127.0.0.1", **options):
        phone = gudok(**options)
        phone.add_account("direct", login="gudok", domain=domain, register="off", codecs=codecs, transport=transport)
        return phone

    return make


@pytest.mark.parametrize("transport, option", [("udp", "u1"), ("tcp", "t1")])
@pytest.mark.parametrize("address, listen", [("127.0.0.1", "127.0.0.1:0"), ("::1", "[::1]:0")])
def test_sipp_calls(bare, folder, transport, option, address, listen):
    answering = bare(listen=listen, transport=transport).answering("direct", says="tone:440")
    target = f"[{address}]:{answering.port}" if ":" in address else f"{address}:{answering.port}"
    caller = Sipp(folder / "uac", "uac", target, "gudok", options=("-d", "2000", "-t", option), address=address)
    caller.succeeds()
    outcome = answering.outcome().completed()
    assert outcome["codec"] == "ulaw" and outcome["transport"] == transport


def test_thirty_calls_one_after_the_other(bare, folder):
    answering = bare(listen="127.0.0.1:0").answering("direct", calls=30)
    caller = Sipp(
        folder / "uac", "uac", f"127.0.0.1:{answering.port}", "gudok", 30, ("-d", "100", "-r", "2", "-l", "1")
    )
    caller.succeeds()
    answering.outcome().completed()


def test_speech_and_a_digit_from_a_capture_are_heard(bare, folder, english):
    heard = folder / "heard.wav"
    answering = bare(listen="127.0.0.1:0", codecs="alaw").answering("direct", hears=heard)
    (folder / "uac").mkdir()
    said, _ = soundfile.read(english.at(8000))
    write_alaw_capture(folder / "uac" / "speech.pcap", said)
    shutil.copy(DIGIT, folder / "uac" / "digit.pcap")
    Sipp(folder / "uac", "uac_pcap", f"127.0.0.1:{answering.port}", "gudok").succeeds()
    assert answering.outcome().completed()["dtmf_received"] == "1"
    result = score(english.at(48000), heard, wideband=False)
    result.at_least(4.0)


@pytest.mark.parametrize("scenario", ["uac_hold", "uac_delayed_offer", "uac_options"])
def test_answers_as_sipp_wants(bare, folder, scenario):
    answering = bare(listen="127.0.0.1:0").answering("direct")
    Sipp(folder / "uac", scenario, f"127.0.0.1:{answering.port}", "gudok").succeeds()


def test_refuses_a_session_without_a_codec_it_speaks(bare, folder):
    with bare(listen="127.0.0.1:0").engine() as engine:
        Sipp(folder / "uac", "uac_no_codec", listening(engine), "gudok").succeeds()


def test_does_not_ring_for_strangers_and_counts_them(bare, folder):
    with bare(listen="127.0.0.1:0").engine() as engine:
        Sipp(folder / "uac", "uac_stranger", listening(engine), "nobody").succeeds()
        status = engine.status()
        assert status["calls"] == [] and status["strangers"]["refused_invites"] == 1


def test_a_flood_of_strangers_neither_rings_nor_fills_the_memory(bare, folder):
    with bare(listen="127.0.0.1:0").engine(says="tone:440") as engine:
        engine.tell("dial", target="sip:echo@test-line")
        call = engine.wait_call("active")["id"]
        received = engine.received(call)
        flood = {"calls": 20_000, "options": ("-r", "4000", "-l", "20000")}
        # What is allocated once is there after the first wave.
        Sipp(folder / "first", "uac_flood", listening(engine), "nobody", **flood).succeeds()
        before = resident_mib(engine)
        Sipp(folder / "second", "uac_flood", listening(engine), "nobody", **flood).succeeds()
        assert resident_mib(engine) - before < 4
        status = engine.status()
        assert [found["id"] for found in status["calls"]] == [call], status["calls"]
        assert status["strangers"]["refused_invites"] > 10_000, status["strangers"]
        after = engine.received(call)
        assert after > received + 300
        eventually(lambda: engine.received(call) > after + 50, "the call's sound still flows", 5)


def resident_mib(engine) -> float:
    status = Path(f"/proc/{engine.process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024


def test_the_caller_cancels(bare, folder):
    with bare(listen="127.0.0.1:0").engine() as engine:
        Sipp(folder / "uac", "uac_cancel", listening(engine), "gudok").succeeds()
        assert engine.wait_call("ended")["state"]["by_peer"]


def listening(engine) -> str:
    """Where an engine takes calls for an account without a registrar."""
    return engine.status()["listen"][0]


@pytest.mark.parametrize("transport, option", [("udp", "u1"), ("tcp", "t1")])
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_calls_sipp(bare, folder, transport, option, address):
    scenario = "uas" if transport == "udp" else "uas_stream"
    callee = Sipp(folder / "uas", scenario, options=("-t", option), address=address)
    outcome = bare(transport=transport).call(f"sip:service@{callee.address}", "direct", seconds=1.5).completed()
    assert outcome["codec"] == "ulaw" and outcome["transport"] == transport
    callee.succeeds()


def test_hears_itself_through_the_echo_of_sipp(bare, folder, english):
    heard = folder / "heard.wav"
    callee = Sipp(folder / "uas", "uas", options=("-rtp_echo",))
    bare().call(
        f"sip:service@{callee.address}", "direct", says=english.at(48000), hears=heard, seconds=english.seconds + 1.5
    ).completed()
    result = score(english.at(48000), heard, wideband=False)
    result.at_least(4.0)
    callee.succeeds()


def test_early_media_then_the_answer(bare, folder):
    callee = Sipp(folder / "uas", "uas_early_media")
    bare().call(f"sip:service@{callee.address}", "direct", seconds=1).completed()
    callee.succeeds()


def test_gives_up_while_it_rings(bare, folder):
    callee = Sipp(folder / "uas", "uas_cancelled")
    with bare().engine() as engine:
        call = engine.dial(f"sip:service@{callee.address}", "direct")
        engine.wait_call("ringing")
        engine.tell("hang_up", call=call["id"])
        engine.wait_call("ended", timeout=5)
    callee.succeeds()


def test_ends_a_call_that_is_answered_with_another_codec(bare, folder):
    callee = Sipp(folder / "uas", "uas_foreign_codec")
    bare().call(f"sip:service@{callee.address}", "direct", seconds=1).failed("no-common-codec")
    callee.succeeds()

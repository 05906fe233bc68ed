"""Calls both ways with Asterisk, over every transport, codec and digest it has."""

import time

import pytest

from harness import asterisk
from harness.process import eventually
from harness.score import frequency_of, score


@pytest.fixture
def at_asterisk(gudok, asterisk_server):
    """A Gudok with an account at Asterisk."""

    def make(user="6001", transport="udp", ipv6=False, codecs="opus,alaw,ulaw", dtmf="rfc2833,info", **options):
        phone = gudok(**options)
        domain = {"tls": asterisk_server.address_tls}.get(transport, asterisk_server.address)
        settings = {"login": user, "domain": asterisk_server.address_v6 if ipv6 else domain}
        settings |= {"transport": transport, "codecs": codecs, "dtmf": dtmf}
        if transport == "tls":
            settings["certificate"] = asterisk_server.certificates.ca
        phone.add_account("work", asterisk.PASSWORDS[user], **settings)
        return phone

    return make


@pytest.mark.parametrize("codec, wideband, least", [
    ("opus", True, 4.0), ("g722", True, 4.0), ("alaw", False, 4.0), ("ulaw", False, 4.0),
])
def test_the_echo_is_what_was_said(at_asterisk, english, folder, codec, wideband, least):
    heard = folder / "heard.wav"
    phone = at_asterisk(codecs=codec)
    outcome = phone.call("600", "work", says=english.at(48000), hears=heard, seconds=english.seconds + 1.5).completed()
    assert outcome["codec"] == codec and outcome["sip_status"] == 200
    assert outcome["received"]["packets"] > 400 and outcome["received"]["lost"] == 0, outcome
    result = score(english.at(48000), heard, wideband)
    result.at_least(least)


@pytest.mark.parametrize("transport, ipv6", [("udp", False), ("tcp", False), ("tls", False), ("udp", True)])
def test_calls_out_over(at_asterisk, folder, transport, ipv6):
    heard = folder / "heard.wav"
    outcome = at_asterisk(transport=transport, ipv6=ipv6).call("601", "work", hears=heard, seconds=3).completed()
    assert outcome["transport"] == transport
    assert frequency_of(heard) == pytest.approx(1004, abs=10)


@pytest.mark.parametrize("transport, ipv6", [("udp", False), ("tcp", False), ("tls", False), ("udp", True)])
def test_is_called_over(at_asterisk, asterisk_server, folder, transport, ipv6):
    heard = folder / "heard.wav"
    answering = at_asterisk(transport=transport, ipv6=ipv6).answering("work", hears=heard, seconds=4)
    asterisk_server.wait_registered("6001")
    asterisk_server.call("6001", "601")
    answering.outcome().completed()
    assert frequency_of(heard) == pytest.approx(1004, abs=10)


@pytest.mark.parametrize("codec, user", [("opus", "6001"), ("g722", "6012"), ("alaw", "6008"), ("ulaw", "6009")])
def test_is_called_with(at_asterisk, asterisk_server, english, folder, codec, user):
    heard = folder / "heard.wav"
    answering = at_asterisk(user=user, codecs=codec).answering(
        "work", says=english.at(48000), hears=heard, seconds=english.seconds + 2
    )
    asterisk_server.wait_registered(user)
    asterisk_server.call(user, "600")
    assert answering.outcome().completed()["codec"] == codec
    result = score(english.at(48000), heard, wideband=codec in ("opus", "g722"))
    result.at_least(4.0)


@pytest.mark.parametrize("user", ["6002", "6003"])
def test_signs_in_with_md5_only_and_with_sha256_only(at_asterisk, asterisk_server, user):
    with at_asterisk(user=user).engine() as engine:
        engine.wait_registered("work")
        assert asterisk_server.is_registered(user)
        engine.dial("600", "work")
        call = engine.wait_call("active")
        engine.tell("hang_up", call=call["id"])
        engine.quit()
    assert not asterisk_server.is_registered(user), "it did not unregister"


def test_sends_digits_that_asterisk_reads(at_asterisk, asterisk_server):
    asterisk_server.forget_digits()
    phone = at_asterisk(codecs="alaw")
    outcome = phone.call("604", "work", seconds=12, dtmf="1204")
    assert outcome.code == 0, str(outcome)
    assert asterisk_server.digits_heard() == "1204"


@pytest.mark.parametrize("codec", ["alaw", "ulaw"])  # Asterisk reads tones in these only.
def test_sends_digits_as_tones_that_asterisk_reads(at_asterisk, asterisk_server, codec):
    asterisk_server.forget_digits()
    # The microphone must not get in between.
    phone = at_asterisk(user="6010", codecs=codec, dtmf="rfc2833,inband")
    outcome = phone.call("604", "work", says="tone:300", seconds=12, dtmf="1204")
    assert outcome.code == 0, str(outcome)
    assert asterisk_server.digits_heard() == "1204"


def test_sends_digits_by_info_that_asterisk_reads(at_asterisk, asterisk_server):
    asterisk_server.forget_digits()
    phone = at_asterisk(user="6011", codecs="alaw", dtmf="rfc2833,info,inband")
    assert phone.call("604", "work", seconds=12, dtmf="1204").code == 0
    assert asterisk_server.digits_heard() == "1204"


@pytest.mark.parametrize("user", ["6001", "6010", "6011"])
@pytest.mark.parametrize("codec", ["alaw", "opus"])
def test_hears_the_digits_that_asterisk_sends_by_every_way(at_asterisk, user, codec):
    outcome = at_asterisk(user=user, codecs=codec).call("607", "work", seconds=6).completed()
    assert outcome["dtmf_received"] == "1234#*", outcome


def test_early_media_is_heard_before_the_answer(at_asterisk):
    with at_asterisk().engine() as engine:
        engine.wait_registered("work")
        engine.dial("604", "work")
        engine.wait_call("early_media", timeout=5)
        engine.wait_call("active", timeout=10)
        engine.tell("hang_up", call=engine.calls()[-1]["id"])


def test_gives_up_a_call_that_rings(at_asterisk, asterisk_server):
    with at_asterisk().engine() as engine:
        engine.wait_registered("work")
        call = engine.dial("605", "work")
        engine.wait_call("ringing")
        assert "605" in asterisk_server.ask("core show channels concise")
        engine.tell("hang_up", call=call["id"])
        ended = engine.wait_call("ended", timeout=5)
        assert ended["state"]["problem"] is None, ended
        assert "605" not in asterisk_server.ask("core show channels concise")


def test_holds_and_resumes(at_asterisk):
    with at_asterisk(codecs="alaw").engine(says="tone:440") as engine:
        engine.wait_registered("work")
        call = engine.dial("600", "work")["id"]
        engine.wait_call("active")
        engine.tell("hold", call=call, on=True)
        engine.wait_call("held")
        engine.tell("hold", call=call, on=False)
        engine.wait_call("active")
        before = engine.received(call)
        eventually(lambda: engine.received(call) > before + 50, "sound flows again after the hold", 5)
        engine.tell("hang_up", call=call)
        engine.wait_call("ended")


def test_calls_where_the_phone_rings_and_the_session_lives_by_acknowledgements(at_asterisk, asterisk_server):
    """6006 requires 100rel and session timers: without a PRACK and a refresh there is no call of 130 s."""
    with at_asterisk(user="6006").engine() as engine:
        engine.wait_registered("work")
        # Early media reliably, before the answer.
        call = engine.dial("604", "work")["id"]
        engine.wait_call("early_media", timeout=5)
        engine.wait_call("active", timeout=10)
        engine.tell("hang_up", call=call)
        engine.wait_call("ended")
        engine.tell("dismiss", call=call)
        # Called by whoever requires it; he refreshes the session or we do.
        asterisk_server.call("6006", "602")
        ringing = engine.wait_call("incoming", timeout=10)
        engine.tell("answer", call=ringing["id"])
        engine.wait_call("active", timeout=5)
        call = engine.dial("600", "work")["id"]
        eventually(lambda: engine.calls()[-1]["state"]["state"] == "active", "the second call is up", 10)
        engine.tell("hang_up", call=ringing["id"])
        time.sleep(130)
        last = [found for found in engine.calls() if found["id"] == call]
        assert last and last[0]["state"]["state"] == "active", last
        received = engine.received(call)
        eventually(lambda: engine.received(call) > received + 50, "sound still flows", 5)
        engine.tell("hang_up", call=call)

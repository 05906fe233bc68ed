"""Calls that don't ring as others do: do not disturb, forwarding, refusal for a reason, answering by itself; and redial."""

import json

import pytest

from harness import asterisk, kamailio as kamailio_server
from harness.baresip import Baresip
from harness.process import eventually
from harness.sipp import Sipp


@pytest.fixture
def at_asterisk(gudok, asterisk_server):
    def make(user, **settings):
        phone = gudok()
        settings |= {"login": user, "domain": asterisk_server.address, "codecs": "alaw"}
        phone.add_account("work", asterisk.PASSWORDS[user], **settings)
        return phone

    return make


@pytest.fixture
def at_kamailio(gudok, kamailio):
    def make(user, **settings):
        phone = gudok()
        settings |= {"login": user, "domain": kamailio.address, "codecs": "alaw"}
        phone.add_account("work", kamailio_server.PASSWORDS[user], **settings)
        return phone

    return make


@pytest.fixture
def direct(gudok):
    def make(**settings):
        phone = gudok(listen="127.0.0.1:0")
        phone.add_account("work", login="me", domain="127.0.0.1", register="off", codecs="alaw,ulaw", **settings)
        return phone

    return make


def address(engine):
    listen = next(address for address in engine.status()["listen"] if "." in address)
    return f"sip:me@{listen}"


def past(engine):
    """The outcome of the last call in the history."""

    def last():
        calls = json.loads(engine.gudok.run("history", "--json").stdout)
        return calls[0] if calls else None

    return eventually(last, "it is kept", 5)


def test_do_not_disturb_refuses_without_ringing_and_outlives_the_program(direct):
    phone = direct()
    caller = direct()
    assert phone.run("dnd").stdout.strip() == "off"
    assert phone.run("dnd", "on").code == 0
    for _ in range(2):
        with phone.engine() as engine:
            assert phone.run("dnd").stdout.strip() == "on"
            caller.call(address(engine), "work").failed("busy")
            assert not engine.live()
            assert past(engine)["outcome"] == "missed"
    with phone.engine() as engine:
        engine.tell("set_preferences", do_not_disturb=False)
        with caller.engine() as calling:
            call = calling.dial(address(engine), "work")["id"]
            engine.wait_call("incoming")
            calling.tell("hang_up", call=call)


@pytest.mark.parametrize("settings, reason", [
    ({"forward_always": "sip:bob@127.0.0.1:9"}, "unconditional"),
    ({"forward_no_answer": "sip:bob@127.0.0.1:9", "forward_after": "5"}, "no-answer"),
    ({"forward_busy": "sip:bob@127.0.0.1:9", "call_waiting": "off"}, "user-busy"),
    ({"forward_busy": "sip:bob@127.0.0.1:9", "dnd": "on"}, "do-not-disturb"),
])
def test_a_call_is_forwarded_and_the_reason_told(direct, settings, reason):
    quiet = settings.pop("dnd", None)
    phone, caller, other = direct(**settings), direct(), direct()
    with phone.engine() as engine, other.engine() as busy:
        if quiet:
            engine.tell("set_preferences", do_not_disturb=True)
        if reason == "user-busy":
            first = engine.dial(address(busy), "work")["id"]
            busy.tell("answer", call=busy.wait_call("incoming")["id"])
            engine.wait_state(first, "active")
        outcome = caller.call(address(engine), "work", timeout=30).failed("redirected")
        assert outcome["problem"]["contacts"] == ["sip:bob@127.0.0.1:9"]
        sent = engine.gudok.run("ctl", "trace", '{"filter": "302 Moved"}').stdout
        assert f";reason={reason};" in sent and "Diversion: <sip:me@127.0.0.1>" in sent, sent
        if reason != "user-busy":
            assert past(engine)["outcome"] == "forwarded"


def test_asterisk_calls_where_a_call_is_forwarded_to(at_asterisk, asterisk_server):
    away = at_asterisk("6002", forward_always="6003")
    with away.engine() as engine, at_asterisk("6003").engine(says="tone:440") as target:
        for phone in (engine, target):
            phone.wait_registered("work")
        with at_asterisk("6001").engine() as caller:
            caller.wait_registered("work")
            call = caller.dial("6002", "work")["id"]
            rings = target.wait_call("incoming")
            assert rings["diverted_by"]["number"] == "6002", rings
            target.tell("answer", call=rings["id"])
            caller.wait_state(call, "active")
            received = caller.received(call)
            eventually(lambda: caller.received(call) > received + 25, "the other is heard", 5)
            caller.tell("hang_up", call=call)
        assert not engine.live()
    asterisk_server.wait_no_channels()


@pytest.mark.parametrize("reason, status", [("busy", 486), ("declined", 603), ("unavailable", 480)])
def test_a_call_is_refused_for_a_reason(at_kamailio, kamailio, folder, reason, status):
    with at_kamailio("alice").engine() as engine:
        engine.wait_registered("work")
        bob = Baresip(folder / "bob", "bob", registrar=kamailio.address, password="bobpw")
        kamailio.wait_registered("bob")
        bob.dial(f"sip:alice@{kamailio.address}")
        call = engine.wait_call("incoming")["id"]
        engine.tell("decline", call=call, reason=reason)
        closed = bob.event("CALL_CLOSED")
        assert str(status) in closed["param"], closed
        assert past(engine)["outcome"] == "declined"


def test_a_call_is_sent_on_by_hand(direct):
    with direct().engine() as engine, direct().engine() as caller:
        call = caller.dial(address(engine), "work")["id"]
        rings = engine.wait_call("incoming")["id"]
        engine.tell("deflect", call=rings, target="sip:bob@127.0.0.1:9")
        ended = caller.wait_state(call, "ended")
        assert ended["state"]["problem"]["contacts"] == ["sip:bob@127.0.0.1:9"]
        assert engine.wait_state(rings, "ended")["forwarded_to"] == "bob"


@pytest.mark.parametrize("settings, header, answers", [
    ({"auto_answer": "always"}, None, True),
    ({"auto_answer": "asked"}, "Call-Info: <sip:127.0.0.1>;answer-after=0", True),
    ({"auto_answer": "asked"}, "Alert-Info: <http://127.0.0.1>;info=alert-autoanswer;delay=0", True),
    ({"auto_answer": "asked"}, None, False),
    ({}, "Call-Info: <sip:127.0.0.1>;answer-after=0", False),
])
def test_a_call_is_answered_by_itself_only_as_the_account_allows(direct, folder, settings, header, answers):
    with direct(**settings).engine() as engine:
        where = address(engine).removeprefix("sip:me@")
        values = {"HEADER": header or "Subject: none"}
        sipp = Sipp(folder / "uac", "uac_with_header", where, "me", values=values, options=("-t", "u1"))
        call = engine.wait_call("active" if answers else "incoming", "ended")
        assert call["state"]["state"] == ("active" if answers else "incoming"), call
        if not answers:
            engine.tell("answer", call=call["id"])
        sipp.succeeds()


def test_redial_calls_what_was_dialled_last_even_after_a_restart(direct):
    phone, other = direct(), direct()
    with other.engine() as answering:
        with phone.engine() as engine:
            assert phone.run("redial").code == 1, "nothing was dialled yet"
            call = engine.dial(address(answering), "work")["id"]
            answering.wait_call("incoming")
            engine.tell("hang_up", call=call)
            eventually(lambda: not answering.live(), "the first call is over", 5)
        with phone.engine() as engine:
            assert engine.status()["redial"] == address(answering)
            done = phone.run("redial")
            assert done.code == 0, str(done)
            answering.wait_call("incoming")


def test_a_forwarded_and_a_queued_call_are_said_to_be(direct, folder):
    for status, progress in ((181, "forwarded"), (182, "queued")):
        sipp = Sipp(folder / str(status), "uas_progress", values={"STATUS": str(status)})
        with direct().engine() as engine:
            call = engine.dial(f"sip:bob@{sipp.address}", "work")["id"]
            eventually(lambda: engine.call(call)["progress"] == progress, f"it is {progress}", 5)
            engine.wait_state(call, "active")
            assert engine.call(call)["progress"] is None
            engine.tell("hang_up", call=call)
            sipp.succeeds()


def test_baresip_finds_us_undisturbed_and_answered_by_ourselves(at_kamailio, kamailio, folder):
    phone = at_kamailio("alice", auto_answer="always")
    with phone.engine() as engine:
        engine.wait_registered("work")
        bob = Baresip(folder / "bob", "bob", registrar=kamailio.address, password="bobpw")
        kamailio.wait_registered("bob")
        phone.run("dnd", "on")
        bob.dial(f"sip:alice@{kamailio.address}")
        assert "486" in bob.event("CALL_CLOSED")["param"]
        phone.run("dnd", "off")
        bob.dial(f"sip:alice@{kamailio.address}")
        bob.event("CALL_ESTABLISHED")
        call = engine.wait_call("active")
        engine.tell("hang_up", call=call["id"])

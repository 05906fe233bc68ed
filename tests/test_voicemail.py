"""Voicemail: the light, the count, and one press to call it, at Asterisk that is asked and at Asterisk that tells unasked."""

import json

import pytest

from harness import asterisk
from harness.process import eventually


@pytest.fixture
def at_asterisk(gudok, asterisk_server):
    def make(user, **settings):
        phone = gudok()
        settings |= {"login": user, "domain": asterisk_server.address, "codecs": "alaw"}
        phone.add_account("work", asterisk.PASSWORDS[user], **settings)
        return phone

    return make


def voicemail(engine):
    return engine.account("work")["voicemail"] or {}


@pytest.mark.parametrize("user", ["6001", "6014"])
def test_a_message_that_somebody_leaves_is_seen_and_its_removal_too(at_asterisk, asterisk_server, user):
    asterisk_server.empty_voicemail(user)
    with at_asterisk(user).engine() as engine:
        engine.wait_registered("work")
        eventually(lambda: voicemail(engine).get("waiting") is False, "the box is empty", 10)
        for count in (1, 2):
            at_asterisk("6002").call(f"615{user}", "work", says="tone:440", seconds=4).completed()
            eventually(lambda: voicemail(engine).get("new") == count, f"{count} new", 10)
            assert voicemail(engine)["waiting"]
        shown = engine.gudok.run("voicemail", "--json")
        assert json.loads(shown.stdout) == [{"account": "work", "waiting": True, "new": 2, "old": 0}], str(shown)
        asterisk_server.empty_voicemail(user)
        eventually(lambda: voicemail(engine).get("waiting") is False, "the light goes out", 10)


def test_the_box_is_called_where_the_account_says_or_else_the_server(at_asterisk, asterisk_server):
    phone = at_asterisk("6001")
    with phone.engine() as engine:
        engine.wait_registered("work")
        eventually(lambda: voicemail(engine), "the server tells of the box", 10)
        assert phone.run("voicemail", "--call", "work").code == 0
        call = engine.wait_call("active")
        assert call["peer"]["number"].split("@")[0] == "616", call
        engine.tell("hang_up", call=call["id"])
        phone.run("account", "set", "work", "voicemail=600")
        engine.tell("call_voicemail", account=engine.account("work")["id"])
        call = engine.wait_call("active")
        assert call["peer"]["number"] == "600", call
        engine.tell("hang_up", call=call["id"])


def test_a_server_without_voicemail_is_asked_and_left_alone(gudok, kamailio):
    phone = gudok()
    phone.add_account("work", "alicepw", login="alice", domain=kamailio.address)
    with phone.engine() as engine:
        engine.wait_registered("work")
        asked = lambda: engine.gudok.run("ctl", "trace", '{"filter": "SUBSCRIBE sip:"}').stdout  # noqa: E731
        eventually(lambda: "message-summary" in asked(), "it is asked", 5)
        assert engine.account("work")["voicemail"] is None
        assert phone.run("voicemail", "--call", "work").code == 1
        assert phone.run("voicemail").stdout.strip() == "No voicemail is known of."

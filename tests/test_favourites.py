"""Who is busy, by the hints of Asterisk, and answering calls that ring elsewhere: by its code, and by Replaces."""

import json
import re

import pytest

from harness import asterisk
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


def wait_state(engine, number, state):
    def one():
        found = next(one for one in engine.status()["favourites"] if one["number"] == number)
        return found if found["state"] == state else None

    return eventually(one, f"{number} is {state}", 10)


def test_a_colleague_is_free_rings_and_is_busy_and_his_call_is_picked_up(at_asterisk, asterisk_server):
    phone = at_asterisk("6001", favourites="6002 Anna, 6003", pickup="*8")
    with phone.engine(says="tone:440") as engine, at_asterisk("6002").engine() as anna:
        for each in (engine, anna):
            each.wait_registered("work")
        wait_state(engine, "6002", "free")
        with at_asterisk("6003").engine(says="tone:550") as caller:
            caller.wait_registered("work")
            call = caller.dial("6002", "work")["id"]
            anna.wait_call("incoming")
            assert wait_state(engine, "6002", "ringing")["can_pick_up"]
            listed = phone.run("favourites")
            assert "6002 Anna: ringing" in listed.stdout.splitlines(), str(listed)
            done = phone.run("pickup", "6002")
            assert done.code == 0, str(done)
            picked = engine.wait_call("active")["id"]
            caller.wait_state(call, "active")
            eventually(lambda: not anna.live(), "it rings no more there", 5)
            received = engine.received(picked)
            eventually(lambda: engine.received(picked) > received + 25, "they hear each other", 5)
            engine.tell("hang_up", call=picked)
            caller.wait_state(call, "ended")
            wait_state(engine, "6002", "free")
            call = caller.dial("6002", "work")["id"]
            anna.tell("answer", call=anna.wait_call("incoming")["id"])
            wait_state(engine, "6002", "busy")
            caller.tell("hang_up", call=call)
            wait_state(engine, "6002", "free")
        # What is watched follows the settings at once.
        phone.run("account", "set", "work", "favourites=6003 Boris")
        wait_state(engine, "6003", "free")
        assert [one["number"] for one in engine.status()["favourites"]] == ["6003"]
    asterisk_server.wait_no_channels()


def test_a_call_that_rings_elsewhere_is_taken_by_replaces(gudok, folder):
    """The server, played by SIPp, tells which call rings at `bob`; the caller takes our INVITE for it."""

    def direct(**settings):
        phone = gudok(listen="127.0.0.1:0")
        phone.add_account("work", login="me", domain="127.0.0.1", register="off", codecs="alaw", **settings)
        return phone

    def address(engine):
        return "sip:me@" + next(address for address in engine.status()["listen"] if "." in address)

    with direct().engine(says="tone:440") as caller, direct().engine() as bob:
        call = caller.dial(address(bob), "work")["id"]
        bob.wait_call("incoming")
        caller.wait_state(call, "ringing")
        sent = json.loads(caller.gudok.run("ctl", "trace", '{"filter": "SIP/2.0 180"}').stdout)
        ringing = next(message["text"] for message in sent if message["text"].startswith("SIP/2.0 180"))
        call_id = re.search(r"Call-ID: (\S+)", ringing)[1]
        own, other = re.search(r"To: .*tag=(\S+)", ringing)[1], re.search(r"From: .*tag=(\S+)", ringing)[1]
        values = {"CALLID": call_id, "LOCAL": own, "REMOTE": other, "CALLER": address(caller)}
        server = Sipp(folder / "server", "uas_dialog_info", values=values)
        with direct(favourites=f"sip:bob@{server.address}").engine() as engine:
            one = wait_state(engine, f"sip:bob@{server.address}", "ringing")
            assert one["can_pick_up"], one
            engine.tell("pick_up", account=one["account"], number=one["number"])
            picked = engine.wait_call("active")["id"]
            caller.wait_state(call, "ended")
            (left,) = caller.live()
            assert left["instead_of"] == call and left["state"]["state"] == "active"
            eventually(lambda: not bob.live(), "it rings no more at bob", 5)
            received = engine.received(picked)
            eventually(lambda: engine.received(picked) > received + 25, "they hear each other", 5)
            engine.tell("hang_up", call=picked)
            eventually(lambda: not caller.live(), "no leg is left", 5)
        server.succeeds()

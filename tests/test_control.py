"""The control socket of a running Gudok."""

import json
import re

import pytest


@pytest.fixture
def engine(gudok):
    phone = gudok(listen="127.0.0.1:0")
    phone.add_account("direct", login="gudok", domain="127.0.0.1", register="off")
    with phone.engine(says="tone:440") as engine:
        yield engine


def test_the_status_tells_what_can_be_seen(engine):
    status = engine.status()
    account = status["accounts"][0]
    assert account["name"] == "direct" and account["registration"]["state"] == "not_needed"
    assert {"calls", "devices", "preferences", "strangers"} <= status.keys()
    assert "password" not in json.dumps(account["values"])


def test_wrong_requests_are_refused_and_the_engine_goes_on(engine):
    assert engine.ask("fly").code == 1
    assert engine.ask("dial").code == 1
    assert engine.ask("hang_up", call=4711).code == 1
    assert engine.ask("dial", target="not a number at all ~~~ @@@").code == 1
    assert engine.status()["calls"] == [] and engine.is_running


def test_an_account_is_added_and_changed_while_it_runs(engine):
    engine.tell("add_account", values={"name": "more", "login": "x", "domain": "127.0.0.1", "register": "off"})
    account = engine.account("more")["id"]
    engine.tell("set_account", account=account, values={"name": "most"})
    assert engine.account(account)["name"] == "most"
    engine.tell("remove_account", account=account)
    assert [account["name"] for account in engine.status()["accounts"]] == ["direct"]


def test_a_second_engine_on_the_profile_is_refused(engine):
    second = engine.gudok.run("run", "--headless", timeout=10)
    assert second.code == 1 and (second.stderr.strip() or second.get("text")), str(second)


def test_ctl_without_a_running_gudok_says_so(gudok):
    asked = gudok().run("ctl", "status")
    assert asked.code == 1 and asked.stderr.strip(), str(asked)


def test_quit_ends_it(engine):
    engine.tell("quit")
    assert engine.finish(10) == 0


def test_the_trace_shows_what_was_said_and_hides_the_password(engine, folder):
    engine.tell("dial", target="sip:echo@test-line")
    call = engine.wait_call("active")["id"]
    engine.tell("send_dtmf", call=call, digits="7")
    engine.tell("hang_up", call=call)
    engine.wait_call("ended")
    messages = json.loads(engine.tell("trace").stdout)
    starts = [message["text"].splitlines()[0] for message in messages]
    assert any(start.startswith("INVITE sip:echo@") for start in starts) and "SIP/2.0 200 OK" in starts, starts
    digests = [message["text"] for message in messages if "Authorization: Digest" in message["text"]]
    assert digests, starts
    for text in digests:
        assert re.search(r'response="\*{32,}"', text), text
    found = json.loads(engine.tell("trace", filter="bye ", limit=1).stdout)
    assert len(found) == 1 and "BYE" in found[0]["text"]

    for name, begins in (("trace.txt", b"--- "), ("trace.pcap", bytes.fromhex("d4c3b2a1"))):
        file = folder / name
        reply = json.loads(engine.tell("export_trace", path=str(file)).stdout)
        assert reply["messages"] >= len(messages) and file.read_bytes().startswith(begins)
    assert b'response="' in file.read_bytes()
    assert engine.ask("export_trace", path=str(folder / "none" / "trace.txt")).code == 1

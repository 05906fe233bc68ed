"""The control socket of a running Gudok."""

import json

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

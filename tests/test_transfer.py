"""Transfers, blind and attended, started by us and by others: who speaks with whom afterwards, and that no leg is left."""

import json

import pytest

from harness import asterisk, kamailio as kamailio_server
from harness.baresip import Baresip
from harness.process import eventually
from harness.score import frequency_of


@pytest.fixture
def at_asterisk(gudok, asterisk_server):
    def make(user):
        phone = gudok()
        phone.add_account("work", asterisk.PASSWORDS[user], login=user, domain=asterisk_server.address, codecs="alaw")
        return phone

    return make


@pytest.fixture
def at_kamailio(gudok, kamailio):
    def make(user):
        phone = gudok()
        password = kamailio_server.PASSWORDS[user]
        phone.add_account("work", password, login=user, domain=kamailio.address, codecs="alaw")
        return phone

    return make


@pytest.fixture
def direct(gudok):
    """A Gudok that is called at its own address."""

    def make():
        phone = gudok(listen="127.0.0.1:0")
        phone.add_account("work", login="me", domain="127.0.0.1", register="off", codecs="alaw")
        return phone

    return make


def address(engine):
    listen = next(address for address in engine.status()["listen"] if "." in address)
    return f"sip:me@{listen}"


def up(engine, target):
    """Calls; the call once both speak."""
    call = engine.dial(target, "work")["id"]
    engine.wait_state(call, "active")
    return call


def answer(engine):
    """Answers what rings; the call once both speak."""
    call = engine.wait_call("incoming")["id"]
    engine.tell("answer", call=call)
    engine.wait_state(call, "active")
    return call


def transferred(engine, *calls):
    """The calls are over because the far side was given to somebody else."""
    ended = [engine.wait_state(call, "ended") for call in calls]
    assert ended[0]["transfer"]["stage"]["stage"] == "done", ended
    assert not engine.live()


def given_back(engine, call, problem):
    """The transfer has failed, and both speak again."""
    found = eventually(
        lambda: (engine.call(call)["transfer"] or {}).get("stage", {}).get("stage") == "failed" and engine.call(call),
        "the transfer has failed", 15,
    )
    assert found["transfer"]["stage"]["problem"]["kind"] == problem, found
    engine.wait_state(call, "active")
    received = engine.received(call)
    eventually(lambda: engine.received(call) > received + 25, "sound flows again", 5)


def test_blind_at_asterisk(at_asterisk, asterisk_server, folder):
    heard = folder / "heard.wav"
    other = at_asterisk("6002").answering("work", hears=heard, seconds=8)
    with at_asterisk("6001").engine() as engine:
        engine.wait_registered("work")
        call = up(engine, "6002")
        engine.tell("transfer", call=call, target="601")
        transferred(engine, call)
        other.outcome()
    assert frequency_of(heard, 4) == pytest.approx(1004, abs=10)
    asterisk_server.wait_no_channels()


def test_attended_between_two_legs_of_asterisk(at_asterisk, asterisk_server, folder):
    heard = folder / "heard.wav"
    other = at_asterisk("6002").answering("work", hears=heard, seconds=10)
    third = at_asterisk("6003").answering("work", says="tone:620")
    with at_asterisk("6001").engine() as engine:
        engine.wait_registered("work")
        asterisk_server.wait_registered("6003")
        first = up(engine, "6002")
        second = up(engine, "6003")
        engine.wait_state(first, "held")
        engine.tell("connect", call=first, **{"with": second})
        transferred(engine, first, second)
        other.outcome().completed()
        third.outcome().completed()
    assert frequency_of(heard, 6) == pytest.approx(620, abs=10)
    asterisk_server.wait_no_channels()


def test_a_number_that_asterisk_does_not_know_gives_the_call_back(at_asterisk, asterisk_server):
    other = at_asterisk("6002").answering("work", says="tone:440")
    with at_asterisk("6001").engine() as engine:
        engine.wait_registered("work")
        call = up(engine, "6002")
        engine.tell("hold", call=call, on=True)
        engine.wait_state(call, "held")
        engine.tell("transfer", call=call, target="699")
        given_back(engine, call, "not-found")
        engine.tell("hang_up", call=call)
        other.outcome().completed()
    asterisk_server.wait_no_channels()


def test_asterisk_itself_sends_us_elsewhere_without_a_question(at_asterisk, asterisk_server, folder):
    heard = folder / "heard.wav"
    outcome = at_asterisk("6001").call("614", "work", hears=heard, seconds=5).completed()
    assert outcome["peer"]["number"] == "601", outcome
    assert frequency_of(heard, 3.5) == pytest.approx(1004, abs=10)
    asterisk_server.wait_no_channels()


def test_asterisk_connects_the_person_who_is_transferred_to_us(at_asterisk, asterisk_server):
    """The far side is another Gudok that gives the call away: our leg stays, the party changes."""
    with at_asterisk("6002").engine(says="tone:440") as engine, at_asterisk("6001").engine() as boss:
        for phone in (engine, boss):
            phone.wait_registered("work")
        call = boss.dial("6002", "work")["id"]
        kept = answer(engine)
        boss.wait_state(call, "active")
        boss.tell("transfer", call=call, target="600")
        transferred(boss, call)
        received = engine.received(kept)
        eventually(lambda: engine.received(kept) > received + 50, "the echo is heard", 5)
        engine.tell("hang_up", call=kept)
        engine.wait_state(kept, "ended")
    asterisk_server.wait_no_channels()


def test_blind_to_baresip_and_from_it(at_kamailio, kamailio, english, folder):
    said = english.at(8000)
    bob = Baresip(folder / "bob", "bob", says=said, registrar=kamailio.address, password="bobpw")
    with at_kamailio("alice").engine(says="tone:440") as alice, at_kamailio("carol").engine(says="tone:550") as carol:
        for phone in (alice, carol):
            phone.wait_registered("work")
        kamailio.wait_registered("bob")
        # We give bob to carol.
        call = up(alice, "bob")
        alice.tell("transfer", call=call, target="carol")
        answered = answer(carol)
        transferred(alice, call)
        received = carol.received(answered)
        eventually(lambda: carol.received(answered) > received + 50, "carol and bob speak", 5)
        carol.tell("hang_up", call=answered)
        carol.wait_state(answered, "ended")
        # He gives us to carol: we are asked, since he is not our server.
        call = up(alice, "bob")
        bob.tell("transfer", f"sip:carol@{kamailio.address}")
        asked = eventually(lambda: alice.call(call)["asked"], "we are asked", 5)
        assert asked["to"]["number"] == "carol"
        assert not alice.status()["calls"][-1]["instead_of"], "nobody is called before that is wanted"
        alice.tell("follow_transfer", call=call, on=True)
        answered = answer(carol)
        alice.wait_state(call, "ended")
        (left,) = alice.live()
        assert left["instead_of"] == call and left["state"]["state"] == "active"
        received = alice.received(left["id"])
        eventually(lambda: alice.received(left["id"]) > received + 50, "alice and carol speak", 5)
        alice.tell("hang_up", call=left["id"])
        carol.wait_state(answered, "ended")
        # We don't want to.
        call = up(alice, "bob")
        bob.tell("transfer", f"sip:carol@{kamailio.address}")
        eventually(lambda: alice.call(call)["asked"], "we are asked", 5)
        alice.tell("follow_transfer", call=call, on=False)
        # baresip takes that for the end of the call; nobody was called.
        alice.wait_state(call, "ended")
        assert not alice.live() and not carol.live()


def test_attended_through_a_proxy_with_replaces(at_kamailio, kamailio):
    """The far side calls with Replaces, the third takes that for the call with us."""
    with at_kamailio("alice").engine() as alice, at_kamailio("bob").engine(says="tone:440") as bob, at_kamailio(
        "carol"
    ).engine(says="tone:550") as carol:
        for phone in (alice, bob, carol):
            phone.wait_registered("work")
        first = alice.dial("bob", "work")["id"]
        to_bob = answer(bob)
        second = alice.dial("carol", "work")["id"]
        to_carol = answer(carol)
        alice.wait_state(first, "held")
        alice.tell("connect", call=first, **{"with": second})
        eventually(lambda: bob.call(to_bob)["asked"], "bob is asked", 5)
        bob.tell("follow_transfer", call=to_bob, on=True)
        transferred(alice, first, second)
        for phone, old in ((bob, to_bob), (carol, to_carol)):
            phone.wait_state(old, "ended")
            (left,) = phone.live()
            assert left["instead_of"] == old and left["state"]["state"] == "active", left
            received = phone.received(left["id"])
            eventually(lambda: phone.received(left["id"]) > received + 50, "bob and carol speak", 5)
        bob.tell("hang_up", call=bob.live()[0]["id"])
        eventually(lambda: not carol.live(), "carol's call ends", 5)


def test_a_third_that_knows_no_replaces_gives_the_call_back(at_kamailio, kamailio, english, folder):
    """baresip 1.0 refuses what requires Replaces: all calls are as they were."""
    bob = Baresip(folder / "bob", "bob", says=english.at(8000), registrar=kamailio.address, password="bobpw")
    with at_kamailio("alice").engine() as alice, at_kamailio("carol").engine(says="tone:550") as carol:
        for phone in (alice, carol):
            phone.wait_registered("work")
        kamailio.wait_registered("bob")
        first = alice.dial("carol", "work")["id"]
        to_carol = answer(carol)
        second = up(alice, "bob")
        alice.wait_state(first, "held")
        alice.tell("connect", call=first, **{"with": second})
        eventually(lambda: carol.call(to_carol)["asked"], "carol is asked", 5)
        carol.tell("follow_transfer", call=to_carol, on=True)
        stage = lambda: alice.call(first)["transfer"]["stage"]["stage"]  # noqa: E731
        eventually(lambda: stage() == "failed", "the transfer has failed", 10)
        assert {call["id"] for call in alice.live()} == {first, second}
        assert alice.call(second)["state"]["state"] == "active", "whom we speak with stays"
        carol.wait_state(to_carol, "active")
        alice.tell("hang_up", call=second)
        alice.tell("hold", call=first, on=False)
        alice.wait_state(first, "active")
        received = carol.received(to_carol)
        eventually(lambda: carol.received(to_carol) > received + 25, "sound flows again", 5)
        bob.event("CALL_CLOSED")
        alice.tell("hang_up", call=first)


def test_attended_without_a_server_and_while_it_rings(direct):
    with direct().engine() as host, direct().engine(says="tone:440") as first, direct().engine() as second:
        call = host.dial(address(first), "work")["id"]
        theirs = answer(first)
        ringing = host.dial(address(second), "work")["id"]
        second.wait_call("incoming")
        host.wait_state(ringing, "ringing")
        # Nobody can take over what only rings: that call is given up, and made anew by the other.
        host.tell("connect", call=call, **{"with": ringing})
        host.wait_state(ringing, "ended")
        eventually(lambda: first.call(theirs)["asked"], "the first is asked", 5)
        first.tell("follow_transfer", call=theirs, on=True)
        answered = answer(second)
        transferred(host, call)
        (left,) = first.live()
        assert left["state"]["state"] == "active"
        second.tell("hang_up", call=answered)
        eventually(lambda: not first.live(), "no leg is left", 5)


def test_a_third_who_declines_gives_the_call_back(direct):
    with direct().engine() as host, direct().engine(says="tone:440") as first, direct().engine() as second:
        call = host.dial(address(first), "work")["id"]
        theirs = answer(first)
        host.tell("transfer", call=call, target=address(second))
        eventually(lambda: first.call(theirs)["asked"], "the first is asked", 5)
        first.tell("follow_transfer", call=theirs, on=True)
        rings = second.wait_call("incoming")["id"]
        ringing = lambda: host.call(call)["transfer"]["stage"]["stage"] == "ringing"  # noqa: E731
        eventually(ringing, "it is told that it rings", 5)
        second.tell("decline", call=rings)
        given_back(host, call, "declined")
        first.wait_state(theirs, "active")
        host.tell("hang_up", call=call)


def test_a_transfer_that_is_not_wanted_leaves_the_call_as_it_is(direct):
    with direct().engine(says="tone:440") as host, direct().engine(says="tone:440") as first:
        call = host.dial(address(first), "work")["id"]
        theirs = answer(first)
        host.tell("transfer", call=call, target="sip:nobody@127.0.0.1:9")
        eventually(lambda: first.call(theirs)["asked"], "the first is asked", 5)
        first.tell("follow_transfer", call=theirs, on=False)
        given_back(host, call, "declined")
        assert first.wait_state(theirs, "active")["asked"] is None
        host.tell("hang_up", call=call)


def test_who_is_referred_to_and_gives_up_comes_back(direct):
    with direct().engine() as host, direct().engine(says="tone:440") as first, direct().engine() as second:
        call = host.dial(address(first), "work")["id"]
        theirs = answer(first)
        host.tell("transfer", call=call, target=address(second))
        eventually(lambda: first.call(theirs)["asked"], "the first is asked", 5)
        first.tell("follow_transfer", call=theirs, on=True)
        second.wait_call("incoming")
        (new,) = [found["id"] for found in first.live() if found["instead_of"] == theirs]
        first.tell("hang_up", call=new)
        first.wait_state(theirs, "active")
        host.wait_state(call, "active")
        eventually(lambda: not second.live(), "the third rings no more", 5)
        assert host.call(call)["transfer"]["stage"]["stage"] == "failed"
        host.tell("hang_up", call=call)


def test_the_command_line_gives_a_call_away_and_follows(direct, folder):
    heard = folder / "heard.wav"
    with direct().engine(says="tone:620") as third:
        other = direct()
        listening = other.start(
            "answer", "--account", "work", "--json", "--calls", 1, "--for", "6s", "--follow-transfers",
            "--audio-in", "tone:440", "--audio-out", f"file:{heard}",
        )
        listen = json.loads(listening.wait_for('"ready"', 20))["listen"]
        target = next(address for address in listen if "." in address)
        giving = direct().start(
            "call", f"sip:me@{target}", "--account", "work", "--json", "--for", "2s", "--transfer", address(third),
            "--audio-in", "silence", "--audio-out", "silence",
        )
        answer(third)
        assert giving.finish(20) == 0, giving.tail()
        outcome = json.loads(giving.lines[-1])
        assert outcome["result"] == "completed" and outcome["transfer"]["stage"]["stage"] == "done", outcome
        assert listening.finish(30) == 0, listening.tail()
        eventually(lambda: not third.live(), "no leg is left", 5)
    assert frequency_of(heard, 5) == pytest.approx(620, abs=10)


def test_the_command_line_transfers_a_call_of_the_running_gudok(direct):
    with direct().engine() as host, direct().engine() as first, direct().engine() as second:
        assert host.gudok.run("transfer", "600").code == 1, "there is no call"
        call = host.dial(address(first), "work")["id"]
        theirs = answer(first)
        done = host.gudok.run("transfer", address(second))
        assert done.code == 0, str(done)
        eventually(lambda: first.call(theirs)["asked"], "the first is asked", 5)
        first.tell("follow_transfer", call=theirs, on=True)
        answer(second)
        transferred(host, call)

"""Two Gudoks and baresip at one registrar and proxy."""

import time

import pytest

from harness.baresip import Baresip
from harness.kamailio import PASSWORDS
from harness.process import eventually
from harness.score import score


def sign_up(phone, server, user, transport="udp", ipv6=False, codecs="opus,alaw,ulaw", **settings):
    """Gives `phone` the account of `user`, under the user's name."""
    domain = {"tls": server.address_tls}.get(transport, server.address)
    settings |= {"login": user, "domain": server.address_v6 if ipv6 else domain}
    settings |= {"transport": transport, "codecs": codecs}
    if transport == "tls":
        settings["certificate"] = server.certificates.ca
    phone.add_account(user, PASSWORDS[user], **settings)
    return phone


def converse(caller, callee, server, english, russian, folder, codec, wideband):
    """alice calls bob, each says a sentence; both outcomes and both scores."""
    by_alice, by_bob = folder / "heard-by-alice.wav", folder / "heard-by-bob.wav"
    seconds = max(english.seconds, russian.seconds) + 2
    answering = callee.answering("bob", says=russian.at(48000), hears=by_bob)
    server.wait_registered("bob")
    called = caller.call("bob", "alice", says=english.at(48000), hears=by_alice, seconds=seconds).completed()
    answered = answering.outcome().completed()
    assert called["codec"] == answered["codec"] == codec
    for outcome in (called, answered):
        assert outcome["received"]["lost"] == 0, outcome
    return called, score(russian.at(48000), by_alice, wideband), score(english.at(48000), by_bob, wideband)


@pytest.mark.parametrize("codec, wideband, least", [("alaw", False, 4.0), ("ulaw", False, 4.0), ("opus", True, 4.0)])
def test_two_gudoks_hear_each_other(gudok, kamailio, english, russian, folder, codec, wideband, least):
    alice, bob = (sign_up(gudok(), kamailio, user, codecs=codec) for user in ("alice", "bob"))
    _, to_alice, to_bob = converse(alice, bob, kamailio, english, russian, folder, codec, wideband)
    to_alice.at_least(least)
    to_bob.at_least(least)


@pytest.mark.parametrize("transport, ipv6", [("tcp", False), ("tls", False), ("udp", True), ("tcp", True)])
def test_registers_calls_and_is_called_over(gudok, kamailio, folder, transport, ipv6):
    alice, bob = (sign_up(gudok(), kamailio, user, transport, ipv6) for user in ("alice", "bob"))
    answering = bob.answering("bob", says="tone:440")
    assert f"transport={transport}" in kamailio.wait_registered("bob").lower() or transport == "udp"
    called = alice.call("bob", "alice", seconds=2).completed()
    assert called["transport"] == transport and called["received"]["packets"] > 50
    assert answering.outcome().completed()["transport"] == transport


def test_the_other_side_may_use_another_transport(gudok, kamailio):
    alice = sign_up(gudok(), kamailio, "alice", "udp")
    bob = sign_up(gudok(), kamailio, "bob", "tls")
    answering = bob.answering("bob")
    kamailio.wait_registered("bob")
    assert alice.call("bob", "alice", seconds=1.5).completed()["transport"] == "udp"
    assert answering.outcome().completed()["transport"] == "tls"


def test_digest_with_sha256_only(gudok, kamailio_sha256):
    alice, bob = (sign_up(gudok(), kamailio_sha256, user) for user in ("alice", "bob"))
    answering = bob.answering("bob")
    kamailio_sha256.wait_registered("bob")
    alice.call("bob", "alice", seconds=1.5).completed()
    answering.outcome().completed()


def test_unregisters_when_it_ends(gudok, kamailio):
    with sign_up(gudok(), kamailio, "carol").engine() as engine:
        engine.wait_registered("carol")
        assert kamailio.contact_of("carol")
        assert engine.quit() == 0
    kamailio.wait_unregistered("carol", 3)


def test_baresip_is_called(gudok, kamailio, folder):
    alice = sign_up(gudok(), kamailio, "alice", codecs="alaw")
    with Baresip(folder / "bob", "bob", registrar=kamailio.address, password="bobpw") as bob:
        kamailio.wait_registered("bob")
        outcome = alice.call("bob", "alice", says="tone:440", seconds=3).completed()
        assert outcome["codec"] == "alaw" and outcome["received"]["packets"] > 100
        bob.event("CALL_CLOSED")


@pytest.mark.parametrize("codec, module, rate, wideband, least", [
    ("alaw", "g711", 8000, False, 4.0), ("g722", "g722", 16000, True, 3.8), ("opus", "opus", 48000, True, 3.8),
])
def test_baresip_calls_and_both_are_heard(gudok, kamailio, english, russian, folder, codec, module, rate, wideband, least):
    heard = folder / "heard.wav"
    alice = sign_up(gudok(), kamailio, "alice", codecs=codec)
    answering = alice.answering("alice", says=russian.at(48000), hears=heard)
    kamailio.wait_registered("alice")
    with Baresip(
        folder / "bob", "bob", codec=module, says=english.at(rate), registrar=kamailio.address, password="bobpw"
    ) as bob:
        kamailio.wait_registered("bob")
        bob.dial(f"sip:alice@{kamailio.address}")
        bob.event("CALL_ESTABLISHED")
        time.sleep(max(english.seconds, russian.seconds) + 2)
        bob.hang_up()
        bob.event("CALL_CLOSED")
        answered = answering.outcome().completed()
        assert answered["codec"] == codec
        score(english.at(48000), heard, wideband).at_least(least)
        # What baresip recorded has passed baresip's own, less gentle, buffer.
        score(russian.at(48000), bob.recording(), wideband).at_least(3.5)


def test_an_incoming_call_rings_until_it_is_answered(gudok, kamailio, folder):
    with sign_up(gudok(), kamailio, "alice").engine() as engine:
        engine.wait_registered("alice")
        with Baresip(folder / "bob", "bob", registrar=kamailio.address, password="bobpw") as bob:
            kamailio.wait_registered("bob")
            bob.dial(f"sip:alice@{kamailio.address}")
            ringing = engine.wait_call("incoming")
            assert ringing["direction"] == "incoming" and "bob" in ringing["peer"]["number"]
            bob.event("CALL_RINGING")
            engine.tell("answer", call=ringing["id"])
            engine.wait_call("active")
            bob.event("CALL_ESTABLISHED")
            bob.hang_up()
            ended = engine.wait_call("ended", timeout=5)
            assert ended["state"]["by_peer"] and ended["state"]["problem"] is None


def test_an_incoming_call_is_declined(gudok, kamailio, folder):
    with sign_up(gudok(), kamailio, "alice").engine() as engine:
        engine.wait_registered("alice")
        with Baresip(folder / "bob", "bob", registrar=kamailio.address, password="bobpw") as bob:
            kamailio.wait_registered("bob")
            bob.dial(f"sip:alice@{kamailio.address}")
            engine.tell("decline", call=engine.wait_call("incoming")["id"])
            assert "6" == bob.event("CALL_CLOSED")["param"][0] or "486" in bob.event("CALL_CLOSED")["param"]


def test_the_caller_gives_up(gudok, kamailio, folder):
    with sign_up(gudok(), kamailio, "alice").engine() as engine:
        engine.wait_registered("alice")
        with Baresip(folder / "bob", "bob", registrar=kamailio.address, password="bobpw") as bob:
            kamailio.wait_registered("bob")
            bob.dial(f"sip:alice@{kamailio.address}")
            engine.wait_call("incoming")
            bob.hang_up()
            assert engine.wait_call("ended", timeout=5)["state"]["by_peer"]


def test_the_other_side_holds(gudok, kamailio, folder):
    with sign_up(gudok(), kamailio, "alice", codecs="alaw").engine() as engine:
        engine.wait_registered("alice")
        with Baresip(folder / "bob", "bob", registrar=kamailio.address, password="bobpw") as bob:
            kamailio.wait_registered("bob")
            bob.dial(f"sip:alice@{kamailio.address}")
            engine.tell("answer", call=engine.wait_call("incoming")["id"])
            engine.wait_call("active")
            bob.tell("hold")
            from_peer = lambda: engine.calls()[-1]["held_by_peer"]  # noqa: E731
            eventually(from_peer, "the call is held by the far side", 5)
            bob.tell("resume")
            eventually(lambda: not from_peer(), "the call is resumed by the far side", 5)
            engine.tell("hang_up", call=engine.calls()[-1]["id"])
            bob.event("CALL_CLOSED")


def test_ctrl_c_ends_a_call_properly(gudok, kamailio, folder):
    alice = sign_up(gudok(), kamailio, "alice")
    with Baresip(folder / "bob", "bob", registrar=kamailio.address, password="bobpw") as bob:
        kamailio.wait_registered("bob")
        call = alice.start(
            "call", "bob", "--account", "alice", "--audio-in", "silence", "--audio-out", "silence", "--for", "30s", "--json"
        )
        bob.event("CALL_ESTABLISHED")
        call.interrupt()
        bob.event("CALL_CLOSED", 5)
        call.finish(10)
        kamailio.wait_unregistered("alice", 3)


def test_a_changed_transport_leaves_the_running_call_alone_and_serves_the_next(gudok, kamailio):
    with sign_up(gudok(), kamailio, "bob").engine() as bob, sign_up(gudok(), kamailio, "alice").engine(
        says="tone:440"
    ) as alice:
        bob.wait_registered("bob")
        alice.wait_registered("alice")
        over_udp = alice.dial("bob", "alice")["id"]
        bob.tell("answer", call=bob.wait_call("incoming")["id"])
        alice.wait_call("active")
        before = bob.wait_call("active")["quality"]

        account = alice.account("alice")["id"]
        alice.tell("set_account", account=account, values={"transport": "tcp"})
        assert alice.account("alice")["registration"]["transport"] == "udp"
        alice.tell("apply_account", account=account)
        eventually(
            lambda: "transport=tcp" in (kamailio.contact_of("alice") or "").lower(), "registered over TCP", 10
        )
        eventually(lambda: alice.account("alice")["registration"]["transport"] == "tcp", "shown over TCP", 10)

        def heard():
            quality = bob.wait_call("active")["quality"]
            return (quality or {}).get("received_packets", 0)

        heard_so_far = heard()
        assert heard_so_far >= (before or {}).get("received_packets", 0)
        eventually(lambda: heard() > heard_so_far + 50, "the call still brings sound", 10)
        call = next(call for call in alice.calls() if call["id"] == over_udp)
        assert call["state"]["state"] == "active" and call["transport"] == "udp"
        alice.tell("hang_up", call=over_udp)
        bob.wait_call("ended")

        over_tcp = alice.dial("bob", "alice")["id"]
        bob.tell("answer", call=bob.wait_call("incoming")["id"])
        assert alice.wait_call("active")["transport"] == "tcp"
        alice.tell("hang_up", call=over_tcp)
        bob.wait_call("ended")

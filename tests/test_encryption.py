"""Encrypted sound with Asterisk and baresip: by SDES, by DTLS, required, refused."""

import json

import pytest

from harness import asterisk
from harness.baresip import Baresip
from harness.process import eventually
from harness.score import frequency_of, score

SUITES = ("AEAD_AES_256_GCM", "AEAD_AES_128_GCM", "AES_256_CM_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_80")


@pytest.fixture
def at_asterisk(gudok, asterisk_server):
    """A Gudok with an account at Asterisk. 6004 wants SDES, 6005 DTLS, 6013 SDES if possible, 6001 nothing."""

    def make(user, transport="udp", **settings):
        phone = gudok()
        domain = asterisk_server.address_tls if transport == "tls" else asterisk_server.address
        settings |= {"login": user, "domain": domain, "transport": transport}
        if transport == "tls":
            settings["certificate"] = asterisk_server.certificates.ca
        settings.setdefault("codecs", "alaw")
        phone.add_account("work", asterisk.PASSWORDS[user], **settings)
        return phone

    return make


WAYS = [
    ("6004", {"transport": "tls", "encryption": "required"}, "sdes"),
    ("6004", {"transport": "tls", "encryption": "optional"}, "sdes"),
    ("6013", {"transport": "tls", "encryption": "optional"}, "sdes"),
    ("6004", {"encryption": "required", "key_exchange": "sdes"}, "sdes"),
    ("6005", {"encryption": "required"}, "dtls"),
    ("6005", {"transport": "tls", "encryption": "required", "key_exchange": "dtls"}, "dtls"),
]


@pytest.mark.parametrize("user, settings, keys", WAYS)
def test_the_encrypted_echo_is_what_was_said(at_asterisk, english, folder, user, settings, keys):
    heard = folder / "heard.wav"
    phone = at_asterisk(user, **settings)
    outcome = phone.call("600", "work", says=english.at(48000), hears=heard, seconds=english.seconds + 2).completed()
    assert outcome["srtp"] in SUITES and outcome["srtp_keys"] == keys, outcome
    assert outcome["received"]["lost"] == 0, outcome
    score(english.at(48000), heard, wideband=False).at_least(4.0)


@pytest.mark.parametrize("user, settings, keys", [
    ("6004", {"transport": "tls"}, "sdes"),
    ("6004", {"key_exchange": "sdes"}, "sdes"),
    ("6005", {}, "dtls"),
    ("6005", {"encryption": "required"}, "dtls"),
])
def test_is_called_with_encrypted_sound(at_asterisk, asterisk_server, folder, user, settings, keys):
    heard = folder / "heard.wav"
    answering = at_asterisk(user, **settings).answering("work", hears=heard, seconds=4)
    asterisk_server.wait_registered(user)
    asterisk_server.call(user, "601")
    outcome = answering.outcome().completed()
    assert outcome["srtp"] in SUITES and outcome["srtp_keys"] == keys, outcome
    assert frequency_of(heard) == pytest.approx(1004, abs=10)


def test_plain_sound_is_plain(at_asterisk):
    outcome = at_asterisk("6001", transport="tls").call("600", "work", seconds=2).completed()
    assert outcome["srtp"] is None and outcome["srtp_keys"] is None


@pytest.mark.parametrize("settings", [{"transport": "tls"}, {}])
def test_a_far_side_that_cannot_encrypt_ends_a_call_that_requires_it(at_asterisk, settings):
    phone = at_asterisk("6001", encryption="required", **settings)
    outcome = phone.call("600", "work", seconds=2).failed("not-encrypted")
    assert "if possible" in outcome["text"], outcome["text"]


def _refused(engine, asterisk_server, user) -> str:
    """The problem of a call that comes in and does not ring."""
    asterisk_server.call(user, "601")
    return engine.wait_call("ended", timeout=10)["state"]["problem"]["kind"]


def test_a_call_without_encryption_is_refused_and_shown_where_it_is_required(at_asterisk, asterisk_server):
    with at_asterisk("6001", encryption="required").engine() as engine:
        engine.wait_registered("work")
        assert _refused(engine, asterisk_server, "6001") == "not-encrypted"


@pytest.mark.parametrize("settings", [{}, {"transport": "tls", "encryption": "off"}])
def test_keys_in_the_open_and_encryption_that_is_off_are_refused_and_shown(at_asterisk, asterisk_server, settings):
    with at_asterisk("6004", **settings).engine() as engine:
        engine.wait_registered("work")
        assert _refused(engine, asterisk_server, "6004") == "encryption-not-allowed"


@pytest.mark.parametrize("user, settings", [
    ("6004", {"transport": "tls", "encryption": "required"}), ("6005", {"encryption": "required"}),
])
def test_encrypted_sound_goes_on_after_a_hold(at_asterisk, user, settings):
    with at_asterisk(user, **settings).engine(says="tone:440") as engine:
        engine.wait_registered("work")
        call = engine.dial("600", "work")["id"]
        engine.wait_call("active")
        shown = eventually(lambda: engine.calls()[-1]["encryption"], "the call is encrypted", 5)
        eventually(lambda: engine.received(call) > 20, "sound flows", 5)
        engine.tell("hold", call=call, on=True)
        engine.wait_call("held")
        engine.tell("hold", call=call, on=False)
        engine.wait_call("active")
        before = engine.received(call)
        eventually(lambda: engine.received(call) > before + 50, "sound flows again after the hold", 5)
        assert engine.calls()[-1]["encryption"] == shown
        engine.tell("hang_up", call=call)
        engine.wait_call("ended")


def test_the_trace_hides_the_keys(at_asterisk, folder):
    with at_asterisk("6004", transport="tls", encryption="required").engine() as engine:
        engine.wait_registered("work")
        call = engine.dial("600", "work")["id"]
        engine.wait_call("active")
        engine.tell("hang_up", call=call)
        engine.wait_call("ended")
        trace = engine.tell("trace", filter="crypto").stdout
        assert "inline:****" in trace
        engine.tell("export_trace", path=str(folder / "trace.txt"))
        lines = (folder / "trace.txt").read_text().splitlines()
        keys = [line.split("inline:")[1] for line in lines if "inline:" in line]
        assert len(keys) >= 2 and all(set(key.split("|")[0]) == {"*"} for key in keys), keys


def _near(gudok, **settings):
    """A Gudok that calls and is called without a server."""
    phone = gudok()
    phone.add_account("near", login="gudok", domain="127.0.0.1", register="off", codecs="alaw", **settings)
    return phone


BARESIP = [
    ("srtp", {"key_exchange": "sdes"}, "sdes"),
    ("srtp", {"key_exchange": "sdes", "encryption": "required"}, "sdes"),
    ("srtp-mand", {"key_exchange": "sdes", "encryption": "required"}, "sdes"),
]


@pytest.mark.parametrize("rtcp_mux", [False, True])
@pytest.mark.parametrize("mediaenc, settings, keys", BARESIP)
def test_calls_baresip(gudok, english, folder, mediaenc, settings, keys, rtcp_mux):
    heard = folder / "heard.wav"
    with Baresip(folder / "bob", "bob", mediaenc=mediaenc, rtcp_mux=rtcp_mux) as bob:
        phone = _near(gudok, **settings)
        outcome = phone.call(bob.uri, "near", says=english.at(48000), hears=heard, seconds=english.seconds + 3)
        outcome.completed()
        assert outcome["srtp"] in SUITES and outcome["srtp_keys"] == keys, outcome
        score(english.at(48000), heard, wideband=False).at_least(3.5)
        # Its reports are understood, too, on whichever port they come.
        assert outcome["round_trip_ms"] is not None, outcome


@pytest.mark.parametrize("mediaenc, settings, keys", [
    ("srtp", {"key_exchange": "sdes"}, "sdes"),
    ("srtp-mand", {"key_exchange": "sdes"}, "sdes"),
    ("srtp-mandf", {"key_exchange": "sdes"}, "sdes"),
])
def test_is_called_by_baresip(gudok, english, folder, mediaenc, settings, keys):
    answering = _near(gudok, **settings).answering("near", says=english.at(48000), seconds=english.seconds + 3)
    with Baresip(folder / "bob", "bob", mediaenc=mediaenc, says=english.at(8000)) as bob:
        bob.dial(f"sip:gudok@127.0.0.1:{answering.port}")
        outcome = answering.outcome().completed()
        assert outcome["srtp"] in SUITES and outcome["srtp_keys"] == keys, outcome
        bob.event("CALL_CLOSED")
        score(english.at(48000), bob.recording(), wideband=False).at_least(3.5)


def test_a_certificate_that_is_not_understood_ends_the_call_with_a_reason(gudok, folder):
    """baresip 1.0 shows an RSA certificate in DTLS; here only those of elliptic curves are understood."""
    answering = _near(gudok).answering("near", seconds=5)
    with Baresip(folder / "bob", "bob", mediaenc="dtls_srtp") as bob:
        bob.dial(f"sip:gudok@127.0.0.1:{answering.port}")
        outcome = answering.outcome()
        assert outcome["problem"] == {"kind": "no-keys", "reason": "reason-keys-refused"}, outcome
        assert "refused" in outcome["text"]
        bob.event("CALL_CLOSED")


def test_two_gudoks_talk_by_sdes_and_by_dtls(gudok, folder):
    for exchange in ("sdes", "dtls"):
        heard = folder / f"{exchange}.wav"
        answering = _near(gudok, key_exchange=exchange).answering("near", says="tone:440", seconds=4)
        caller = _near(gudok, key_exchange=exchange)
        outcome = caller.call(f"sip:gudok@127.0.0.1:{answering.port}", "near", hears=heard, seconds=3).completed()
        assert (outcome["srtp"], outcome["srtp_keys"]) == ("AEAD_AES_256_GCM", exchange), outcome
        assert answering.outcome()["srtp_keys"] == exchange
        assert frequency_of(heard) == pytest.approx(440, abs=5)


def test_a_setting_that_is_none_is_refused(gudok):
    phone = _near(gudok)
    refused = phone.run("account", "set", "near", "encryption=maybe")
    assert refused.code != 0 and "required" in refused.stderr + refused.stdout, str(refused)
    assert phone.run("account", "set", "near", "encryption=required", "key_exchange=dtls").code == 0
    shown = phone.run("account", "show", "near", "--json")
    assert json.dumps(shown, ensure_ascii=False).count("required") >= 1, str(shown)

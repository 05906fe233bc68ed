"""What goes wrong says so: each failure has its own kind and its own words in both languages, and the program goes on."""

import re

import pytest

from harness import asterisk, certificates
from harness.kamailio import Kamailio
from harness.ports import closed_port
from harness.sipp import Sipp


@pytest.fixture(scope="session")
def server_with_foreign_certificate(session_folder):
    """Kamailio with a certificate of an authority that nobody here trusts."""
    (session_folder / "foreign").mkdir()
    with Kamailio(session_folder / "foreign", certificates.make(session_folder / "foreign-certificates")) as server:
        yield server


@pytest.fixture(scope="session")
def server_with_wrong_name(session_folder):
    """Kamailio with a certificate for another name."""
    (session_folder / "misnamed").mkdir()
    made = certificates.make(session_folder / "misnamed-certificates", "DNS:elsewhere.example")
    with Kamailio(session_folder / "misnamed", made) as server:
        yield server


@pytest.fixture
def someone_who_declines(folder):
    return Sipp(folder / "declines", "uas_reject", values={"STATUS": "603", "REASON": "Decline"})


def at_asterisk(server, extension, password=asterisk.PASSWORDS["6001"], codecs="alaw"):
    return {"login": "6001", "domain": server.address, "codecs": codecs}, password, extension


KINDS = {  # how each is brought about: the settings of an account, its password, what is dialled
    "wrong-password": lambda get: at_asterisk(get("asterisk_server"), "600", password="guess"),
    "unknown-host": lambda get: ({"login": "a", "domain": "nothing.invalid"}, "b", "600"),
    "server-down": lambda get: ({"login": "a", "domain": f"127.0.0.1:{closed_port()}", "transport": "tcp"}, "b", "600"),
    "certificate-not-trusted": lambda get: (
        {"login": "alice", "domain": get("server_with_foreign_certificate").address_tls, "transport": "tls"},
        "alicepw",
        "bob",
    ),
    "certificate-wrong-name": lambda get: (
        {
            "login": "alice",
            "domain": get("server_with_wrong_name").address_tls,
            "transport": "tls",
            "certificate": get("server_with_wrong_name").certificates.ca,
        },
        "alicepw",
        "bob",
    ),
    "no-common-codec": lambda get: at_asterisk(get("asterisk_server"), "613"),
    "busy": lambda get: at_asterisk(get("asterisk_server"), "606"),
    "forbidden": lambda get: at_asterisk(get("asterisk_server"), "612"),
    "declined": lambda get: (
        {"login": "gudok", "domain": "127.0.0.1", "register": "off"},
        None,
        f"sip:service@{get('someone_who_declines').address}",
    ),
    "not-found": lambda get: at_asterisk(get("asterisk_server"), "699"),
}
TEXTS: dict[str, dict[str, str]] = {"ru": {}, "en": {}}


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_failed_call_says_what_is_wrong(gudok, request, language, kind):
    settings, password, target = KINDS[kind](request.getfixturevalue)
    phone = gudok(language=language)
    phone.add_account("line", password, **settings)
    outcome = phone.call(target, "line", seconds=2).failed(kind)
    in_the_language(outcome["text"], language)
    TEXTS[language][kind] = outcome["text"]


@pytest.mark.parametrize("language", ["ru", "en"])
def test_no_microphone(gudok, asterisk_server, language):
    phone = gudok(language=language)
    settings, password, _ = at_asterisk(asterisk_server, "600")
    phone.add_account("line", password, **settings)
    outcome = phone.call("600", "line", says="default", hears="silence", seconds=2).failed("no-microphone")
    in_the_language(outcome["text"], language)
    TEXTS[language]["no-microphone"] = outcome["text"]


@pytest.mark.parametrize("language", ["ru", "en"])
def test_each_failure_has_words_of_its_own(language):
    texts = TEXTS[language]
    if len(texts) < len(KINDS) + 1:
        pytest.fail(f"not every failure said something: {sorted(texts)}; run the whole file")
    assert len(set(texts.values())) == len(texts), texts


def in_the_language(text: str, language: str) -> None:
    cyrillic = len(re.findall("[а-яё]", text.lower()))
    assert (cyrillic > 8) if language == "ru" else (cyrillic == 0 and len(text) > 8), text


@pytest.mark.parametrize("status, reason, kind", [
    (404, "Not Found", "not-found"), (486, "Busy Here", "busy"), (600, "Busy Everywhere", "busy"),
    (603, "Decline", "declined"), (488, "Not Acceptable Here", "no-common-codec"), (480, "Gone Fishing", "unavailable"),
    (403, "Forbidden", "forbidden"), (500, "Server Error", "refused"),
])
def test_a_final_answer_is_told_by_its_kind(gudok, folder, status, reason, kind):
    callee = Sipp(folder / "uas", "uas_reject", values={"STATUS": str(status), "REASON": reason})
    phone = gudok()
    phone.add_account("direct", login="gudok", domain="127.0.0.1", register="off")
    outcome = phone.call(f"sip:service@{callee.address}", "direct", seconds=1).failed(kind)
    assert outcome["sip_status"] == status
    callee.succeeds()


def test_a_redirection_is_told_and_followed_only_if_wanted(gudok, folder):
    callee = Sipp(folder / "moved-to", "uas")
    contact = f"sip:service@{callee.address}"
    mover = Sipp(folder / "moved", "uas_redirect", calls=2, values={"CONTACT": contact})
    phone = gudok()
    phone.add_account("direct", login="gudok", domain="127.0.0.1", register="off")
    told = phone.call(f"sip:service@{mover.address}", "direct", seconds=1).failed("redirected")
    assert told["sip_status"] == 302 and told["problem"]["contacts"] == [contact], str(told)
    followed = phone.call(f"sip:service@{mover.address}", "direct", seconds=1, follow_redirects=True)
    assert followed["peer"]["uri"] == contact and followed["sip_status"] == 200, str(followed)
    mover.succeeds()
    callee.succeeds()


def test_a_wrong_password_is_not_hammered(gudok, asterisk_server):
    phone = gudok()
    settings, _, _ = at_asterisk(asterisk_server, "600")
    phone.add_account("line", "guess", **settings)
    with phone.engine() as engine:
        assert engine.wait_registration_problem("line") == "wrong-password"
        assert engine.account("line")["registration"]["retry_s"] is None


def test_the_engine_goes_on_after_every_failure(gudok, request, asterisk_server):
    phone = gudok()
    for kind in ("wrong-password", "unknown-host", "server-down", "certificate-not-trusted", "certificate-wrong-name"):
        settings, password, _ = KINDS[kind](request.getfixturevalue)
        phone.add_account(kind, password, **settings)
    good, password, _ = at_asterisk(asterisk_server, "600")
    phone.add_account("good", password, **good)
    with phone.engine() as engine:
        engine.wait_registered("good")
        for account in engine.status()["accounts"]:
            if account["name"] != "good":
                assert engine.wait_registration_problem(account["name"]) == account["name"]
        for extension, kind in (("606", "busy"), ("612", "forbidden"), ("699", "not-found"), ("613", "no-common-codec")):
            engine.dial(extension, "good")
            ended = engine.wait_call("ended")
            assert ended["state"]["problem"]["kind"] == kind, ended
        engine.dial("600", "good")
        call = engine.wait_call("active")
        engine.tell("hang_up", call=call["id"])
        engine.wait_call("ended")
        assert engine.is_running


def test_a_server_that_comes_back_is_found_again(gudok, session_folder, trusted):
    folder = session_folder / "comes-back"
    folder.mkdir()
    server = Kamailio(folder, trusted)
    phone = gudok()
    phone.add_account("alice", "alicepw", login="alice", domain=server.address, transport="tcp")
    server.stop()
    with phone.engine() as engine:
        assert engine.wait_registration_problem("alice") == "server-down"
        with server.again():
            engine.tell("register", account=engine.account("alice")["id"])
            engine.wait_registered("alice")

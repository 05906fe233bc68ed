"""Numbers that are written to the dial chat, and what is written there, against a Telegram server of our own."""

import json

import pytest

from harness.asterisk import PASSWORDS
from harness.desktop import Desktop, Window
from harness.gudok import Gudok
from harness.kamailio import PASSWORDS as KAMAILIO_PASSWORDS
from harness.process import eventually
from harness.sipp import Sipp
from harness.telegram import Account, TelegramServer, give_api

ANNA = "+79990000001"


@pytest.fixture
def telegram():
    with TelegramServer() as server:
        yield server


@pytest.fixture
def anna(telegram) -> int:
    return telegram.user(ANNA, first_name="Анна")


@pytest.fixture
def phone(gudok, telegram, anna, folder) -> Gudok:
    phone = gudok(env=telegram.environment(folder / "device"))
    give_api(phone)
    return phone


@pytest.fixture
def line(phone, asterisk_server) -> str:
    """A line at Asterisk."""
    return phone.add_account("Офис", PASSWORDS["6001"], login="6001", domain=asterisk_server.address)


@pytest.fixture
def engine(phone, line):
    with phone.engine() as engine:
        Account(engine).sign_in(ANNA)
        engine.wait_registered("Офис")
        yield engine


class Chat:
    """The dial chat, as Anna has it on her telephone."""

    def __init__(self, telegram, anna: int, engine):
        self.telegram, self.anna, self.engine = telegram, anna, engine

    def write(self, text: str, **options) -> int:
        """Anna writes to Saved Messages from another device; the number of the message."""
        options = {"sender": self.anna, **options}
        return self.telegram.write(self.anna, text=text, **options)

    def notes(self) -> list[str]:
        return [message["text"] for message in self.telegram.posted()]

    def wait_note(self, count: int = 1) -> dict:
        """The latest of so many notes."""
        return eventually(lambda: self.telegram.posted()[count - 1 : count], f"note {count} is written", 20)[0]

    def requests(self) -> list[dict]:
        return self.engine.status()["requests"]

    def wait_request(self) -> dict:
        return eventually(self.requests, "a number waits to be dialled")[0]


@pytest.fixture
def chat(telegram, anna, engine) -> Chat:
    return Chat(telegram, anna, engine)


def test_a_number_waits_for_a_click_is_dialled_and_its_outcome_is_written_under_it(phone, engine, chat):
    message = chat.write("600")
    request = chat.wait_request()
    assert (request["target"], request["line"], request["rings"]) == ("600", "Офис", False)
    assert engine.calls() == [], "nothing is dialled before somebody says so"
    listed = phone.run("telegram", "requests")
    assert listed.code == 0 and "600  over Офис" in listed.stdout, str(listed)
    done = phone.run("telegram", "requests", "--dial", request["id"], "--json")
    assert done.code == 0 and json.loads(done.stdout) == [], str(done)
    call = engine.wait_call("active")
    assert call["peer"]["number"] == "600" and chat.notes() == []
    engine.tell("hang_up", call=call["id"])
    note = chat.wait_note()
    assert note["reply_to"] == message and note["text"].startswith("Офис: answered, 0:0"), note
    assert note["to"] == chat.anna


def test_with_callback_this_computer_rings_and_dials_when_it_is_answered(engine, chat, line):
    engine.tell("set_account", account=line, values={"callback": "on"})
    message = chat.write(" 600 ")
    request = chat.wait_request()
    assert request["rings"] and 30 <= request["left_s"] <= 45
    engine.tell("dial_requested", request=request["id"])
    call = engine.wait_call("active")
    assert call["peer"]["number"] == "600"
    engine.tell("hang_up", call=call["id"])
    assert chat.wait_note()["reply_to"] == message


def test_what_is_declined_or_fails_is_said_under_the_message(engine, chat):
    first = chat.write("600")
    engine.tell("dismiss_request", request=chat.wait_request()["id"])
    note = chat.wait_note()
    assert (note["text"], note["reply_to"]) == ("Not dialled: declined at the computer.", first)
    second = chat.write("606")
    engine.tell("dial_requested", request=chat.wait_request()["id"])
    note = chat.wait_note(2)
    assert note["reply_to"] == second and note["text"].startswith("Офис: ") and "busy" in note["text"].lower()
    assert engine.ask("dial_requested", request=77).code == 1


def test_a_number_that_no_line_takes_says_why(engine, chat, line):
    engine.tell("set_account", account=line, values={"rules": "^79\\d{9}$"}, apply=True)
    engine.wait_registered("Офис")
    message = chat.write("112")
    note = chat.wait_note()
    assert note["reply_to"] == message and "Офис" in note["text"] and chat.requests() == [], note


def test_several_lines_are_asked_for_by_a_numbered_list(phone, engine, chat, kamailio):
    settings = {"login": "alice", "domain": kamailio.address, "name": "Дом"}
    engine.tell("add_account", values=settings, password=KAMAILIO_PASSWORDS["alice"])
    engine.wait_registered("Дом")
    message = chat.write("600")
    note = chat.wait_note()
    assert note["reply_to"] == message and "\n1. Офис\n2. Дом\n" in note["text"], note
    assert chat.requests() == []
    chat.write("1")
    request = chat.wait_request()
    assert (request["target"], request["line"]) == ("600", "Офис")
    engine.tell("dial_requested", request=request["id"])
    call = engine.wait_call("active")
    engine.tell("hang_up", call=call["id"])
    assert chat.wait_note(2)["reply_to"] == message


def test_only_my_own_numbers_are_dialled(telegram, engine, chat, anna):
    stranger = telegram.user(first_name="Вера")
    telegram.write(anna, stranger, text="600")
    chat.write("позвонить 600")
    chat.write("600", forwarded=True)
    chat.write("anna@example.ru")
    chat.write("22.11.2026")
    chat.write("601")
    assert chat.wait_request()["target"] == "601"
    assert [request["target"] for request in chat.requests()] == ["601"] and chat.notes() == []


def test_a_number_is_not_dialled_late_but_that_is_said(telegram, phone, engine, chat):
    old = chat.write("600", age=200)
    note = chat.wait_note()
    assert note["reply_to"] == old and "came too late" in note["text"] and chat.requests() == []
    # Written while Gudok was not running.
    assert engine.quit() == 0
    missed = chat.write("601", age=10)
    chat.write("602", age=100000)
    with phone.engine() as again:
        chat.engine = again
        note = chat.wait_note(2)
        assert note["reply_to"] == missed and "601 was not dialled" in note["text"]
        fresh = chat.write("603")
        assert chat.wait_request()["target"] == "603"
        assert len(chat.notes()) == 2, "nothing is said of what is older than a day"
        assert fresh > missed


def test_after_a_short_time_offline_a_number_is_dialled(telegram, engine, chat):
    account = Account(engine)
    telegram.do("down")
    account.wait_offline()
    chat.write("600")
    chat.write("601", age=400)
    telegram.do("up")
    account.ask("refresh")
    assert chat.wait_request()["target"] == "600"
    assert "601 was not dialled" in chat.wait_note()["text"]


def test_another_chat_can_be_the_dial_chat(telegram, phone, engine, chat, anna):
    friend = telegram.user(first_name="Пётр")
    group = telegram.chat("group", "Набор", open=True)
    telegram.write(anna, friend, group)
    Account(engine).wait("the chat", lambda seen: seen["chats"] == 2)
    done = phone.run("telegram", "set", "chat=Набор", "callers=on", "missed=on")
    assert done.code == 0 and done.stdout == "dial=on\nchat=Набор\ncallers=on\nmissed=on\n", str(done)
    refused = phone.run("telegram", "set", "chat=нет такого")
    assert refused.code == 1, str(refused)
    chat.write("600")
    telegram.write(anna, friend, group, text="601")
    telegram.write(anna, anna, group, text="602")
    request = chat.wait_request()
    assert [request["target"] for request in chat.requests()] == ["602"]
    engine.tell("dismiss_request", request=request["id"])
    assert chat.wait_note()["to"] == -group
    # Off, nothing is dialled; it is still so after a restart.
    assert phone.run("telegram", "set", "dial=off").code == 0
    assert engine.quit() == 0
    with phone.engine() as again:
        chat.engine = again
        Account(again).wait_online()
        telegram.write(anna, anna, group, text="603")
        again.tell("telegram_set", dial=True)
        telegram.write(anna, anna, group, text="604")
        assert chat.wait_request()["target"] == "604"
        assert again.status()["telegram"]["dial_chat"]["chat"]["name"] == "Набор"


def test_callers_and_missed_calls_are_written_if_that_is_switched_on(telegram, engine, chat, anna, asterisk_server):
    engine.tell("telegram_set", callers=True, missed=True)
    asterisk_server.call("6001", "600")
    call = engine.wait_call("incoming")
    note = chat.wait_note()
    assert "is calling, line “Офис”" in note["text"] and note["reply_to"] is None
    asterisk_server.ask("channel request hangup all")
    engine.wait_call("ended")
    assert chat.wait_note(2)["text"].startswith("Missed call: ")
    # One that is declined is not missed.
    asterisk_server.call("6001", "600")
    call = eventually(
        lambda: [found for found in engine.calls() if found["state"]["state"] == "incoming"], "it rings again"
    )[0]
    engine.tell("decline", call=call["id"])
    chat.wait_note(3)
    chat.write("601")
    engine.tell("dismiss_request", request=chat.wait_request()["id"])
    assert "declined" in chat.wait_note(4)["text"]


def test_a_caller_has_the_name_that_telegram_knows(telegram, phone, anna, folder, kamailio):
    petr = telegram.user("+79261234567", first_name="Пётр", last_name="Сергеев")
    telegram.do("contact", of=anna, who=petr)
    phone.add_account("Прямая", login="gudok", domain="127.0.0.1", register="off")
    phone.listen = "127.0.0.1:0"
    with phone.engine() as engine:
        account = Account(engine)
        account.sign_in(ANNA)
        account.wait("the contacts", lambda seen: seen["people"] == 1)
        target = engine.status()["listen"][0]
        Sipp(folder / "uac", "uac_known", target, "gudok", values={"CALLER": "89261234567"}).succeeds()
        past = eventually(lambda: json.loads(engine.tell("history").stdout), "it is in the history")
        assert (past[0]["name"], past[0]["outcome"]) == ("Пётр Сергеев", "missed")
        # And whoever is called has it, too.
        assert engine.dial("+7 926 123-45-67", "Прямая")["peer"]["name"] == "Пётр Сергеев"


def test_the_window_shows_a_number_of_the_chat_dials_it_and_sends_a_recording_again(
    telegram, phone, line, anna, folder
):
    with phone.engine() as engine:
        Account(engine).sign_in(ANNA)
        engine.tell("set_account", account=line, values={"record": "on"})
        assert engine.quit() == 0
    # No permission to post at first.
    telegram.do("fail", method="messages.sendMedia", code=403, error="CHAT_SEND_VOICES_FORBIDDEN")
    with Desktop(folder / "desktop") as desktop, Window(phone, desktop) as window:
        window.find("Офис: ready")
        telegram.write(anna, anna, text="600")
        window.find("From the dial chat.*Офис, 600")
        window.screenshot("dial-request")
        window.click("Dial: 600")
        window.find("600: .*talking.*|.*talking.*")
        window.click("Hang up")
        eventually(lambda: [message for message in telegram.posted() if message["text"].startswith("Офис: ")], "the outcome")
        window.click("Hide")
        window.click("Telegram")
        window.find("Dial numbers from a chat")
        again = window.find("Send again: .*600 out", timeout=20)["name"]
        window.screenshot("telegram-page")
        window.click(again)
        eventually(telegram.recordings, "the recording is sent")
        window.screenshot("telegram-sent")

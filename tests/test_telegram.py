"""Signing in to Telegram and out, and the lists, against a Telegram server of our own."""

import json
import os
import random
import signal
import socket
import stat
import time

import pytest

from harness.gudok import Gudok
from harness.process import eventually
from harness.telegram import API_HASH, API_ID, Account, TelegramServer, give_api

ANNA = "+79990000001"


@pytest.fixture
def telegram():
    with TelegramServer() as server:
        yield server


@pytest.fixture
def anna(telegram) -> int:
    return telegram.user(ANNA, first_name="Анна", last_name="Ковалёва", username="anna_k")


@pytest.fixture
def make_phone(gudok, telegram, folder):
    """Makes Gudoks that know Telegram's key of the program."""
    count = 0

    def make(api: bool = True, **options) -> Gudok:
        nonlocal count
        count += 1
        env = {**telegram.environment(folder / f"device{count}"), **options.pop("env", {})}
        phone = gudok(env=env, **options)
        if api:
            give_api(phone)
        return phone

    return make


@pytest.fixture
def phone(make_phone) -> Gudok:
    return make_phone()


@pytest.fixture
def account(phone):
    with phone.engine() as engine:
        yield Account(engine)


def session(phone: Gudok):
    return phone.profile / "telegram.session"


# Signing in


def test_the_command_line_signs_in_asks_who_is_in_and_signs_out(telegram, phone, anna):
    out = phone.run("telegram", "status", "--json")
    assert out.code == 0 and out["state"]["state"] == "off", str(out)
    done = phone.run("telegram", "sign-in", "--json", stdin=f"8 (999) 000-00-01\n12345\n")
    assert done.code == 0 and done["me"]["name"] == "Анна Ковалёва", str(done)
    assert telegram.signed_in() == [anna]
    seen = phone.run("telegram", "status")
    assert seen.code == 0 and "Анна Ковалёва" in seen.stdout, str(seen)
    gone = phone.run("telegram", "sign-out", "--json")
    assert gone.code == 0 and gone["state"]["state"] == "off", str(gone)
    assert telegram.signed_in() == [] and not session(phone).exists()


def test_a_code_signs_in_and_a_wrong_one_can_be_entered_again(telegram, account, anna):
    asked = account.ask("sign_in", phone=ANNA)
    assert asked["state"] == {"state": "needs_code", "length": 5, "how": {"way": "app"}}
    for _ in range(2):
        refused = account.ask("code", code="00000")
        assert refused["problem"]["kind"] == "telegram-code" and refused["state"] == asked["state"]
    again = account.ask("code_again")
    assert again["state"]["how"] == {"way": "sms"} and again["problem"] is None
    seen = account.ask("code", code=" 12345 ")
    assert seen["state"] == {"state": "signed_in", "online": True}
    assert seen["me"] == {
        "id": anna, "kind": "person", "name": "Анна Ковалёва", "username": "anna_k", "phone": ANNA,
    }


def test_a_code_that_has_expired_leads_back_to_the_beginning(telegram, account, anna):
    account.ask("sign_in", phone=ANNA)
    telegram.do("expire_codes")
    seen = account.ask("code", code="12345")
    assert seen["problem"]["kind"] == "telegram-code-expired" and seen["state"]["state"] == "off"
    account.sign_in(ANNA)


def test_the_second_password_is_asked_with_its_hint_and_proven(telegram, account):
    telegram.user(ANNA, first_name="Анна", password="правильная лошадь", hint="как у Манро")
    account.ask("sign_in", phone=ANNA)
    asked = account.ask("code", code="12345")
    assert asked["state"] == {"state": "needs_password", "hint": "как у Манро"}
    refused = account.ask("password", password="неправильная лошадь")
    assert refused["problem"] == {"kind": "telegram-password", "hint": "как у Манро"}
    assert refused["state"] == asked["state"] and telegram.signed_in() == []
    assert account.ask("password", password="правильная лошадь")["state"]["state"] == "signed_in"


def test_the_command_line_asks_for_the_second_password_until_it_is_right(telegram, phone):
    telegram.user(ANNA, first_name="Анна", password="right", hint="not left")
    done = phone.run("telegram", "sign-in", stdin=f"{ANNA}\n11111\n12345\nleft\nright\n")
    assert done.code == 0 and "Анна" in done.stdout, str(done)
    assert "The code is wrong" in done.stderr and "not left" in done.stderr, str(done)
    given_up = phone.run("telegram", "sign-out")
    assert given_up.code == 0
    given_up = phone.run("telegram", "sign-in", "--json", stdin=f"{ANNA}\n12345\nleft\n")
    assert given_up.code == 1 and given_up.problem == "telegram-password", str(given_up)


def scanned(account: Account) -> str:
    seen = account.wait("something to be scanned", lambda seen: seen["state"]["state"] == "qr")
    return seen["state"]["url"]


def test_a_telephone_scans_the_code(telegram, account, anna):
    asked = account.ask("sign_in_qr")
    assert asked["state"]["state"] == "qr" and 20 <= asked["state"]["expires_s"] <= 30
    telegram.do("scan", url=scanned(account), user=anna)
    assert account.wait_online()["me"]["id"] == anna


def test_the_code_to_be_scanned_is_renewed_before_it_runs_out(telegram, account, anna):
    telegram.do("token_lifetime", seconds=10)
    account.ask("sign_in_qr")
    first = scanned(account)
    began = time.monotonic()
    account.wait("another code", lambda seen: seen["state"].get("url", first) != first)
    assert time.monotonic() - began < 10
    # Whether it was scanned is also seen by whoever asks for the next one.
    telegram.do("scan", url=scanned(account), user=anna, told=False)
    assert account.wait_online()["me"]["id"] == anna


def test_a_telephone_of_another_data_centre_scans_the_code(telegram, account):
    boris = telegram.user("+79990000004", first_name="Борис", centre=4, password="шифр")
    account.ask("sign_in_qr")
    telegram.do("scan", url=scanned(account), user=boris)
    account.wait("the second password", lambda seen: seen["state"]["state"] == "needs_password")
    assert account.ask("password", password="шифр")["me"]["id"] == boris
    assert [centre for _, centre, _ in telegram.do("seen")["signed_in"]] == [4]


def test_scanning_survives_a_dropped_connection(telegram, account, anna):
    account.ask("sign_in_qr")
    first = scanned(account)
    telegram.do("drop")
    account.wait("another code", lambda seen: seen["state"].get("url", first) != first)
    telegram.do("scan", url=scanned(account), user=anna)
    account.wait_online()


def test_the_command_line_shows_a_code_to_scan(telegram, phone, anna):
    running = phone.start("telegram", "sign-in", "--qr", "--json")
    url = json.loads(running.wait_for('"qr"', 30))["url"]
    telegram.do("scan", url=url, user=anna)
    assert running.finish(30) == 0
    assert json.loads(running.lines[-1])["me"]["id"] == anna


def test_whoever_lives_in_another_data_centre_is_sent_there(telegram, account, phone):
    telegram.user("+79990000004", first_name="Борис", centre=4)
    account.sign_in("+79990000004")
    assert account.engine.quit() == 0
    with phone.engine() as again:
        assert Account(again).wait_online()["me"]["name"] == "Борис"


@pytest.mark.parametrize("number, problem", [
    ("+79990000009", "telegram-banned"), ("123", "telegram-phone"), ("+1234567", "telegram-phone"),
])
def test_a_number_that_is_no_use_says_why(telegram, account, number, problem):
    telegram.user("+79990000009", banned=True)
    telegram.do("fail", method="auth.sendCode", code=400, error="PHONE_NUMBER_INVALID", times=int(number == "+1234567"))
    seen = account.ask("sign_in", phone=number)
    assert seen["problem"]["kind"] == problem and seen["state"]["state"] == "off"


def test_a_number_without_an_account_says_so(telegram, account):
    account.ask("sign_in", phone="+79990000777")
    seen = account.ask("code", code="12345")
    assert seen["problem"]["kind"] == "telegram-no-account" and seen["state"]["state"] == "off"


def test_telegram_may_ask_to_wait(telegram, account, anna):
    telegram.do("fail", method="auth.sendCode", code=420, error="FLOOD_WAIT_37")
    seen = account.ask("sign_in", phone=ANNA)
    assert seen["problem"] == {"kind": "telegram-flood", "seconds": 37} and seen["state"]["state"] == "off"
    account.ask("sign_in", phone=ANNA)
    telegram.do("fail", method="auth.signIn", code=420, error="FLOOD_WAIT_3")
    seen = account.ask("code", code="12345")
    assert seen["problem"]["seconds"] == 3 and seen["state"]["state"] == "needs_code"
    assert account.ask("code", code="12345")["state"]["state"] == "signed_in"


def test_signing_in_can_be_given_up(telegram, account, anna):
    account.ask("sign_in", phone=ANNA)
    assert account.ask("cancel")["state"]["state"] == "off"
    assert account.ask("code", code="12345")["problem"]["kind"] == "telegram-not-now"
    account.ask("sign_in_qr")
    url = scanned(account)
    assert account.ask("cancel")["state"]["state"] == "off"
    telegram.do("scan", url=url, user=anna)
    account.sign_in(ANNA)
    assert account.ask("sign_in", phone=ANNA)["problem"]["kind"] == "telegram-not-now"


def test_without_a_key_of_the_program_nobody_signs_in(make_phone):
    phone = make_phone(api=False)
    with phone.engine() as engine:
        account = Account(engine)
        assert account.state == "needs_api"
        seen = account.ask("sign_in", phone=ANNA)
        assert seen["problem"]["kind"] == "telegram-needs-api" and seen["state"]["state"] == "needs_api"
        engine.tell("keep_passwords", place="file")
        refused = engine.ask("telegram_set_api", id=API_ID, hash="short")
        assert refused.code == 1 and "32 characters" in refused.stderr, str(refused)
        engine.tell("telegram_set_api", id=1, hash=API_HASH)
        assert account.state == "off"
        assert account.ask("sign_in", phone=ANNA)["problem"]["kind"] == "telegram-api"
        engine.tell("telegram_set_api", id=API_ID, hash=API_HASH)
        assert account.ask("sign_in", phone=ANNA)["state"]["state"] == "needs_code"
    assert API_HASH not in (phone.profile / "settings.toml").read_text()
    assert f"api_id = {API_ID}" in (phone.profile / "settings.toml").read_text()


# Signed in


def test_a_restart_keeps_the_session_and_a_sign_out_ends_it(telegram, phone, anna):
    with phone.engine() as engine:
        Account(engine).sign_in(ANNA)
        assert stat.S_IMODE(session(phone).stat().st_mode) == 0o600
        assert engine.quit() == 0
    assert telegram.signed_in() == [anna]
    with phone.engine() as engine:
        account = Account(engine)
        assert account.wait_online()["me"]["id"] == anna
        assert telegram.calls("auth.signIn") == 1
        gone = account.ask("sign_out")
        assert gone["state"]["state"] == "off" and gone["me"] is None and gone["chats"] == 0
        assert telegram.signed_in() == [] and not session(phone).exists()
        account.sign_in(ANNA)
        assert telegram.signed_in() == [anna]


def test_being_offline_is_said_and_mends_itself(telegram, account, phone, anna):
    account.sign_in(ANNA)
    telegram.do("down")
    assert account.wait_offline()["me"]["id"] == anna
    assert account.wait_problem("telegram-unreachable")
    assert account.ask("sign_out")["problem"]["kind"] == "telegram-unreachable", "the session could not be ended"
    telegram.do("up")
    assert account.wait_online()["problem"] is None


def test_a_start_without_network_knows_who_is_signed_in(telegram, phone, anna):
    with phone.engine() as engine:
        Account(engine).sign_in(ANNA)
        assert engine.quit() == 0
    telegram.do("down")
    with phone.engine() as engine:
        account = Account(engine)
        assert account.wait_problem("telegram-unreachable")["me"]["id"] == anna
        telegram.do("up")
        account.ask("refresh")
        account.wait_online()


def test_a_dropped_connection_recovers_unseen(telegram, account, anna):
    account.sign_in(ANNA)
    eventually(lambda: telegram.calls("contacts.getContacts"), "the lists were asked for")
    for _ in range(3):
        assert telegram.do("drop")["dropped"] >= 1
        eventually(lambda: telegram.do("seen")["connections"], "it is connected again")
    stranger = telegram.user("+79990000002", first_name="Вера")
    telegram.write(anna, stranger, text="привет")
    account.wait("the new chat", lambda seen: seen["chats"] == 2)
    assert account.wait_online()


def test_an_unanswered_request_does_not_hold_up_the_rest(gudok, folder, telegram):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        servers = telegram.do("device")["servers"]
        for server in servers:
            server["address"] = f"127.0.0.1:{silent.getsockname()[1]}"
        (folder / "silent.json").write_text(json.dumps(servers))
        phone = gudok(env={"GUDOK_TELEGRAM_SERVERS": str(folder / "silent.json")})
        give_api(phone)
        with phone.engine() as engine:
            account = Account(engine)
            engine.tell("telegram_sign_in", phone=ANNA)
            account.wait("it connects", lambda seen: seen["state"]["state"] == "connecting" and seen["busy"])
            engine.tell("set_preferences", theme="dark")
            assert account.ask("cancel")["state"]["state"] == "off"
            assert engine.quit() == 0


def test_a_session_that_was_ended_elsewhere_is_told(telegram, account, phone, anna):
    account.sign_in(ANNA)
    telegram.do("revoke", user=anna)
    seen = account.wait_problem("telegram-signed-out", 30)
    assert seen["state"]["state"] == "off" and seen["me"] is None
    assert not session(phone).exists()
    account.sign_in(ANNA)


def test_a_damaged_session_is_set_aside_and_said(telegram, phone, anna):
    with phone.engine() as engine:
        Account(engine).sign_in(ANNA)
        assert engine.quit() == 0
    session(phone).write_text("nonsense")
    with phone.engine() as engine:
        account = Account(engine)
        seen = account.wait_problem("file")
        assert seen["state"]["state"] == "off" and seen["problem"]["reason"] == "reason-telegram-session"
        account.sign_in(ANNA)
    assert session(phone).with_suffix(".session.damaged").read_text() == "nonsense"


def test_a_kill_while_the_session_is_written_leaves_it_usable(telegram, phone, anna):
    with phone.engine() as engine:
        Account(engine).sign_in(ANNA)
        assert engine.quit() == 0
    chance = random.Random(7)
    for count in range(12):
        # The name has changed, so the session is written as soon as Telegram has told it.
        telegram.do("rename", user=anna, first_name=f"Анна {count}")
        before = telegram.calls("users.getUsers")
        running = phone.start("run", "--headless")
        eventually(lambda: telegram.calls("users.getUsers") > before, "it asks who is signed in", pause=0.001)
        time.sleep(chance.uniform(0, 0.02))
        os.kill(running.process.pid, signal.SIGKILL)
        running.process.wait(5)
        kept = json.loads(session(phone).read_text())
        assert kept["me"]["id"] == anna and len(kept["centres"]) == 2
        assert kept["me"]["name"].startswith("Анна")
        assert stat.S_IMODE(session(phone).stat().st_mode) == 0o600
    with phone.engine() as engine:
        assert Account(engine).wait_online()["me"]["id"] == anna


def test_nothing_secret_is_told(telegram, phone, make_phone, anna):
    spy = make_phone(env={"GUDOK_LOG": "trace"})
    telegram.user("+79990000005", first_name="Пётр", password="очень-тайно", code="98765")
    friend = telegram.user("+79990000006", first_name="Задушевный")
    with spy.engine() as engine:
        account = Account(engine)
        account.ask("sign_in", phone="+79990000005")
        account.ask("code", code="98765")
        signed_in = account.ask("password", password="очень-тайно")
        me = signed_in["me"]["id"]
        telegram.write(me, friend, text="личное-письмо")
        account.wait("the chat", lambda seen: seen["chats"] == 2)
        told = json.dumps(engine.status(), ensure_ascii=False)
        assert engine.quit() == 0
        log = "\n".join(engine.errors + engine.lines)
    assert "Задушевный" not in told, "who one writes with is nobody's business"
    key = json.loads(session(spy).read_text())["centres"][0]["key"]
    for secret in ("очень-тайно", "98765", API_HASH, "личное-письмо", key):
        assert secret not in log and secret not in told, secret


# The lists


def test_chats_and_people_are_listed_and_found(telegram, account, anna):
    petr = telegram.user("+79261234567", first_name="Пётр", last_name="Сергеев", username="petr_s")
    vera = telegram.user("+79990000002", first_name="Вера")
    robot = telegram.user(first_name="Робот", bot=True, username="gudok_bot")
    ghost = telegram.user(first_name="Удалён", deleted=True)
    own = telegram.chat("group", "Отдел", open=True)
    closed = telegram.chat("group", "Только читать")
    large = telegram.chat("supergroup", "Соседи", open=True, username="neighbours")
    news = telegram.chat("channel", "Новости")
    records = telegram.chat("channel", "Записи отдела", open=True)
    for sender, chat in [
        (petr, None), (petr, closed), (petr, own), (robot, None), (ghost, None), (petr, large), (petr, news),
        (petr, records),
    ]:
        telegram.write(anna, sender, chat)
    telegram.do("contact", of=anna, who=vera)
    telegram.do("contact", of=anna, who=petr)
    account.sign_in(ANNA)
    account.wait("the lists", lambda seen: seen["chats"] and seen["people"])

    chats = account.find("chats")
    assert [(chat["kind"], chat["name"]) for chat in chats] == [
        ("saved", "Анна Ковалёва"), ("channel", "Записи отдела"), ("group", "Соседи"), ("bot", "Робот"),
        ("group", "Отдел"), ("person", "Пётр Сергеев"),
    ]
    assert [chat["id"] for chat in chats] == [
        anna, -1000000000000 - records, -1000000000000 - large, robot, -own, petr,
    ]
    assert account.names("people") == ["Пётр Сергеев", "Вера"]
    assert account.find("people", "8 926 123")[0]["phone"] == "+79261234567"
    assert account.names("people", "@petr") == ["Пётр Сергеев"]
    assert account.names("people", "сер") == ["Пётр Сергеев"]
    assert account.names("chats", "neighbours") == ["Соседи"]
    assert account.names("chats", str(-own)) == ["Отдел"]
    assert account.names("people", "нет таких") == []


def test_many_chats_come_page_by_page_and_telegram_may_ask_to_wait(telegram, account, anna):
    for number in range(250):
        telegram.write(anna, telegram.user(first_name=f"Человек {number}"))
    telegram.do("fail", method="messages.getDialogs", code=420, error="FLOOD_WAIT_1")
    account.sign_in(ANNA)
    account.wait("all of them", lambda seen: (seen["chats"], seen["people"]) == (251, 250))
    assert telegram.calls("messages.getDialogs") == 4
    assert account.names("chats")[1] == "Человек 249", "the newest first"
    assert len(account.find("people")) == 50


def test_the_lists_follow_what_happens(telegram, account, anna):
    petr = telegram.user("+79261234567", first_name="Пётр")
    telegram.write(anna, petr)
    account.sign_in(ANNA)
    account.wait("the lists", lambda seen: seen["people"] == 1)
    telegram.do("rename", user=petr, first_name="Павел")
    eventually(lambda: account.names("people") == ["Павел"], "the new name", 15)
    telegram.write(anna, telegram.user(first_name="Вера"))
    asked = account.ask("refresh")
    assert asked["people"] == 2
    assert account.names("people") == ["Вера", "Павел"]


def test_what_was_missed_is_caught_up_with(telegram, phone, anna):
    with phone.engine() as engine:
        Account(engine).sign_in(ANNA)
        assert engine.quit() == 0
    for name in ("Вера", "Пётр"):
        telegram.write(anna, telegram.user(first_name=name))
    with phone.engine() as engine:
        account = Account(engine)
        account.wait_online()
        account.wait("the lists", lambda seen: seen["chats"] == 3)
        eventually(lambda: telegram.calls("updates.getDifference"), "it asked for what it missed")


def test_the_command_line_finds_people(telegram, phone, anna):
    telegram.write(anna, telegram.user("+79261234567", first_name="Пётр", username="petr_s"))
    assert phone.run("telegram", "people").code == 1
    assert phone.run("telegram", "sign-in", stdin=f"{ANNA}\n12345\n").code == 0
    found = phone.run("telegram", "people", "пё")
    assert found.code == 0 and "Пётр" in found.stdout and "@petr_s" in found.stdout, str(found)
    chats = phone.run("telegram", "chats", "--json")
    assert chats.code == 0 and [chat["kind"] for chat in json.loads(chats.stdout)] == ["saved", "person"]

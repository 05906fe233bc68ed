"""Recordings of real calls on their way to a chat, against a Telegram server of our own."""

import hashlib
import json
import os
import random
import signal
import time
from pathlib import Path

import pytest

from harness.asterisk import PASSWORDS
from harness.gudok import Gudok
from harness.process import eventually
from harness.recording import complaints
from harness.sipp import Sipp
from harness.telegram import Account, TelegramServer, give_api

ANNA = "+79990000001"
CHANNEL = -1000000000000


@pytest.fixture
def telegram():
    with TelegramServer() as server:
        yield server


@pytest.fixture
def anna(telegram) -> int:
    return telegram.user(ANNA, first_name="Анна")


@pytest.fixture
def channel(telegram, anna) -> int:
    """A channel where Anna may post."""
    friend = telegram.user(first_name="Пётр")
    chat = telegram.chat("channel", "Записи отдела", open=True)
    telegram.write(anna, friend, chat)
    return chat


@pytest.fixture
def phone(gudok, telegram, anna, folder) -> Gudok:
    phone = gudok(env=telegram.environment(folder / "device"))
    give_api(phone)
    return phone


@pytest.fixture
def line(phone, asterisk_server) -> str:
    """A line at Asterisk whose calls are recorded."""
    settings = {"login": "6001", "domain": asterisk_server.address, "record": "on"}
    return phone.add_account("Офис", PASSWORDS["6001"], **settings)


def signed_in(engine) -> Account:
    account = Account(engine)
    account.sign_in(ANNA)
    account.wait("the lists", lambda seen: seen["chats"])
    return account


def files(phone) -> list[Path]:
    return sorted((phone.profile / "recordings").glob("*.ogg"))


def sums(phone) -> set[str]:
    return {hashlib.sha256(path.read_bytes()).hexdigest() for path in files(phone)}


def recorded_call(engine, target: str = "600", line: str = "Офис", seconds: float = 1.2) -> dict:
    engine.dial(target, line)
    call = engine.wait_call("active")["id"]
    time.sleep(seconds)
    engine.tell("hang_up", call=call)
    ended = engine.wait_call("ended")
    assert ended["recording"], ended
    return ended


def test_a_recorded_call_becomes_a_voice_message_with_a_caption(telegram, phone, line, channel, anna):
    with phone.engine(says="tone:440") as engine:
        account = signed_in(engine)
        engine.wait_registered("Офис")
        engine.tell("set_account", account=line, values={"record_chat": "Записи"})
        call = recorded_call(engine, seconds=2.2)
        account.wait_sent()
        [message] = telegram.recordings()
        assert (message["from"], message["to"]) == (anna, CHANNEL - channel)
        file = message["file"]
        assert file["mime"] == "audio/ogg" and file["voice"] and file["duration"] in (2, 3)
        wave = file["waveform"]
        assert len(wave) == 63 and sum(wave) > 63 * 40, "it is loud throughout"
        who, way, when = message["text"].split("\n")
        assert who == "600" and way == "Outgoing call, line “Офис”"
        assert when.endswith((", 0:02", ", 0:03")) and time.strftime("%d.%m.%Y") in when
        # Telegram has it, so it is not here any more, and the history knows where it went.
        assert not Path(call["recording"]["path"]).exists() and files(phone) == []

        def past():
            return json.loads(engine.tell("history").stdout)[0]

        assert eventually(lambda: past()["sent_to"], "the history knows") == "Записи отдела"
        assert past()["recording"] is None


def test_a_recording_stays_here_if_the_line_says_so_and_goes_to_saved_messages(telegram, phone, line, anna):
    with phone.engine() as engine:
        account = signed_in(engine)
        engine.wait_registered("Офис")
        engine.tell("set_account", account=line, values={"record_keep": "on"})
        recorded_call(engine)
        account.wait_sent()
        [message] = telegram.recordings()
        assert message["to"] == anna
        [path] = files(phone)
        assert complaints(path) == [] and sums(phone) == {message["file"]["sha256"]}
        past = eventually(
            lambda: (json.loads(engine.tell("history").stdout) or [{}])[0].get("recording"), "it is in the history"
        )
        assert past == str(path)


def test_an_incoming_call_and_a_recording_by_hand_are_sent_too(telegram, phone, line, asterisk_server, anna):
    with phone.engine() as engine:
        account = signed_in(engine)
        engine.wait_registered("Офис")
        engine.tell("set_account", account=line, values={"record": "off"})
        asterisk_server.call("6001", "600")
        call = engine.wait_call("incoming")["id"]
        engine.tell("answer", call=call)
        engine.wait_call("active")
        for _ in range(2):
            engine.tell("record", call=call, on=True)
            time.sleep(1)
            engine.tell("record", call=call, on=False)
        assert account.see()["queued"] == 2 and telegram.recordings() == [], "the call is still up"
        engine.tell("hang_up", call=call)
        account.wait_sent()
        assert len(telegram.recordings()) == 2
        assert all("Incoming call" in message["text"] for message in telegram.recordings())


def test_nothing_is_sent_without_somebody_who_is_signed_in(telegram, phone, line):
    with phone.engine() as engine:
        engine.wait_registered("Офис")
        recorded_call(engine)
        assert Account(engine).see()["queued"] == 0
        signed_in(engine)
        assert telegram.recordings() == [] and len(files(phone)) == 1


def test_a_recording_that_was_not_sent_can_be_sent_later(telegram, phone, line, anna):
    with phone.engine() as engine:
        engine.wait_registered("Офис")
        recorded_call(engine)
        account = signed_in(engine)
        [path] = files(phone)
        eventually(lambda: json.loads(engine.tell("history").stdout), "it is in the history")
        done = phone.run("telegram", "send", path)
        assert done.code == 0, str(done)
        account.wait_sent()
        [message] = telegram.recordings()
        assert message["to"] == anna and message["text"].startswith("600\nOutgoing call"), message
        unknown = phone.run("telegram", "send", phone.profile / "settings.toml")
        assert unknown.code == 1, str(unknown)


def test_a_call_beside_a_running_gudok_is_sent_by_that_one(telegram, phone, line, anna):
    with phone.engine() as engine:
        account = signed_in(engine)
        engine.wait_registered("Офис")
        outcome = phone.call("600", "Офис", says="tone:300", seconds=1.5).completed()
        assert outcome["recording"]
        eventually(telegram.recordings, "the recording is sent")
        account.wait_sent()
    assert len(telegram.recordings()) == 1 and files(phone) == []


def test_offline_nothing_is_lost_and_the_order_stays(telegram, phone, line, anna):
    with phone.engine() as engine:
        account = signed_in(engine)
        engine.wait_registered("Офис")
        telegram.do("down")
        account.wait_offline()
        for target in ("600", "601"):
            recorded_call(engine, target)
        both = ["waiting", "waiting"]
        account.wait("both wait", lambda seen: [post["state"] for post in seen["queue"]] == both)
        assert account.see()["queued"] == 2
        assert engine.quit() == 0
    listed = phone.run("telegram", "queue", "--json")
    assert listed.code == 0 and listed["queued"] == 2 and len(listed["queue"]) == 2, str(listed)
    with phone.engine() as engine:
        account = Account(engine)
        assert account.wait("it is known what waits", lambda seen: seen["queued"] == 2)
        telegram.do("up")
        account.ask("refresh")
        account.wait_sent()
    assert [message["text"].split("\n")[0] for message in telegram.recordings()] == ["600", "601"]
    assert files(phone) == []


def test_telegram_may_ask_to_wait_before_a_recording(telegram, phone, line, anna):
    telegram.do("fail", method="upload.saveFilePart", code=420, error="FLOOD_WAIT_2")
    telegram.do("fail", method="messages.sendMedia", code=420, error="FLOOD_WAIT_2")
    with phone.engine() as engine:
        account = signed_in(engine)
        engine.wait_registered("Офис")
        recorded_call(engine)
        seen = account.wait("it is said", lambda seen: seen["queue_problem"])
        assert seen["queue_problem"] == {"kind": "telegram-flood", "seconds": 2} and seen["queue_retry_s"] <= 2
        began = time.monotonic()
        engine.tell("telegram_send_again")
        account.wait_sent()
        assert time.monotonic() - began > 3, "it was waited twice, whatever a person wants"
        assert account.see()["queue_problem"] is None
    assert telegram.calls("messages.sendMedia") == 2 and len(telegram.recordings()) == 1


@pytest.mark.parametrize("lost", ["messages.sendMedia", "upload.saveFilePart"])
def test_an_answer_that_is_lost_makes_no_second_message(telegram, phone, line, anna, lost):
    telegram.do("lose", method=lost, times=2)
    with phone.engine() as engine:
        account = signed_in(engine)
        engine.wait_registered("Офис")
        recorded_call(engine)
        account.wait_sent(60)
        assert telegram.calls(lost) == 3
    assert len(telegram.recordings()) == 1 and files(phone) == []


def test_who_is_moved_to_another_data_centre_sends_from_there(telegram, phone, line, anna):
    telegram.do("fail", method="messages.sendMedia", code=303, error="USER_MIGRATE_4")
    with phone.engine() as engine:
        account = signed_in(engine)
        engine.wait_registered("Офис")
        recorded_call(engine)
        account.wait_sent()
        assert len(telegram.recordings()) == 1 and files(phone) == []
        assert sorted(centre for _, centre, _ in telegram.do("seen")["signed_in"]) == [2, 4]
        assert engine.quit() == 0
    with phone.engine() as engine:
        account = Account(engine)
        assert account.wait_online()["me"]["id"] == anna
        recorded_call(engine)
        account.wait_sent()
    assert len(telegram.recordings()) == 2


def test_a_chat_where_one_may_not_post_is_said_and_another_can_be_chosen(telegram, phone, line, channel, anna):
    with phone.engine() as engine:
        account = signed_in(engine)
        engine.wait_registered("Офис")
        engine.tell("set_account", account=line, values={"record_chat": "Записи"})
        telegram.do("change", chat=channel, silent=True)
        recorded_call(engine)
        [post] = account.wait_refused()
        assert post["problem"] == {"kind": "telegram-may-not-post", "chat": "Записи отдела"}
        assert Path(post["recording"]).exists()
        # The same chat again, once it is allowed.
        telegram.do("change", chat=channel)
        done = phone.run("telegram", "queue", "--again")
        assert done.code == 0, str(done)
        account.wait_sent()
        assert [message["to"] for message in telegram.recordings()] == [CHANNEL - channel]
        # Gone, and the line gets another chat.
        telegram.do("change", chat=channel, gone=True)
        recorded_call(engine)
        [post] = account.wait_refused()
        assert post["problem"]["kind"] == "telegram-chat-gone"
        listed = phone.run("telegram", "queue")
        assert "is not there any more" in listed.stdout and "another chat" in listed.stdout, str(listed)
        engine.tell("set_account", account=line, values={"record_chat": ""})
        engine.tell("telegram_send_again", post=post["id"])
        account.wait_sent()
        assert telegram.recordings()[-1]["to"] == anna and files(phone) == []


def test_a_recording_can_be_taken_out_of_the_queue_and_stays(telegram, phone, line, anna):
    with phone.engine() as engine:
        account = signed_in(engine)
        engine.wait_registered("Офис")
        telegram.do("fail", method="messages.sendMedia", code=400, error="MEDIA_INVALID")
        recorded_call(engine)
        [post] = account.wait_refused()
        assert post["problem"]["kind"] == "telegram-refused"
        done = phone.run("telegram", "queue", "--drop", post["id"])
        assert done.code == 0 and "Nothing waits" in done.stdout, str(done)
        account.wait_sent()
    assert telegram.recordings() == [] and len(files(phone)) == 1


def test_what_was_recorded_under_one_name_is_not_sent_under_another(telegram, phone, line, anna):
    boris = telegram.user("+79990000002", first_name="Борис")
    with phone.engine() as engine:
        account = signed_in(engine)
        engine.wait_registered("Офис")
        telegram.do("fail", method="upload.saveFilePart", code=420, error="FLOOD_WAIT_60")
        recorded_call(engine)
        account.wait("it waits", lambda seen: seen["queue_problem"])
        account.ask("sign_out")
        account.sign_in("+79990000002")
        [post] = account.wait_refused()
        assert post["problem"]["kind"] == "telegram-other-account"
        engine.tell("telegram_send_again")
        account.wait_sent()
    assert [message["from"] for message in telegram.recordings()] == [boris]


def test_a_lost_session_is_asked_for_and_the_recording_waits(telegram, phone, line, anna):
    with phone.engine() as engine:
        account = signed_in(engine)
        engine.wait_registered("Офис")
        telegram.do("down")
        account.wait_offline()
        recorded_call(engine)
        telegram.do("revoke", user=anna)
        telegram.do("up")
        account.ask("refresh")
        assert account.wait_problem("telegram-signed-out")["queued"] == 1
        account.sign_in(ANNA)
        account.wait_sent()
    assert len(telegram.recordings()) == 1


@pytest.mark.timeout(3600)
def test_kill_9_at_any_moment_neither_loses_nor_repeats_a_recording(telegram, phone, anna, folder, request):
    kills = request.config.getoption("--kills")
    chance = random.Random(11)
    # Slow enough that a kill falls into every step.
    telegram.do("delay", method="upload.saveFilePart", seconds=0.06)
    telegram.do("delay", method="messages.sendMedia", seconds=0.12)
    made, calls = set(), 0
    with Sipp(folder / "uas", "uas", calls=100000, options=("-timeout", "3600s")) as peer:
        settings = {"login": "me", "domain": peer.address, "register": "off", "record": "on"}
        phone.add_account("Офис", **settings)
        with phone.engine() as engine:
            signed_in(engine)
            assert engine.quit() == 0
        for _ in range(kills):
            running = phone.start("run", "--headless", "--audio-in", "tone:300", "--audio-out", "silence")
            running.wait_for("is running", 15)
            for _ in range(chance.choice([0, 1, 1, 2])):
                calls += 1
                dialled = phone.run("ctl", "dial", json.dumps({"target": str(1000 + calls)}))
                assert dialled.code == 0, str(dialled)
                time.sleep(chance.uniform(0.2, 0.7))
                if chance.random() < 0.3:
                    break  # It is still recorded when the kill comes.
                phone.run("ctl", "hang_up", json.dumps({"call": json.loads(dialled.stdout)["call"]}))
            time.sleep(chance.uniform(0, 0.5))
            os.kill(running.process.pid, signal.SIGKILL)
            running.process.wait(5)
            made |= sums(phone)
        with phone.engine() as engine:
            account = Account(engine)
            account.wait_online()
            account.wait_sent(60)
    sent = [message["file"]["sha256"] for message in telegram.recordings()]
    assert len(sent) == len(set(sent)), "none came twice"
    left = sums(phone)
    assert made - set(sent) == left and all(path.stat().st_size < 400 for path in files(phone)), "no sound is lost"
    numbers = [int(message["text"].split("\n")[0]) for message in telegram.recordings()]
    assert numbers == sorted(numbers), "in their order"
    assert len(sent) >= calls * 0.8, (len(sent), calls)
    print(f"{kills} kills, {calls} calls, {len(sent)} recordings")

"""What the owner of a line is told when it doesn't work for who uses it, against a Telegram server of our own."""

import pytest

from harness.kamailio import PASSWORDS
from harness.process import eventually
from harness.telegram import Account, TelegramServer, give_api

BORIS = "+79990000002"


@pytest.fixture
def telegram():
    with TelegramServer() as server:
        yield server


@pytest.fixture
def anna(telegram) -> int:
    return telegram.user("+79990000001", first_name="Анна")


@pytest.fixture
def phone(gudok, telegram, anna, folder, kamailio):
    """Boris's Gudok. The line in it is Anna's, and its password is wrong."""
    boris = telegram.user(BORIS, first_name="Борис")
    telegram.write(boris, anna, text="привет")
    phone = gudok(env=telegram.environment(folder / "device"))
    give_api(phone)
    phone.add_account("Офис", "wrong", login="bob", domain=kamailio.address)
    with phone.engine() as engine:
        account = Account(engine)
        account.sign_in(BORIS)
        account.wait("the lists", lambda seen: seen["chats"] == 2)
        assert engine.quit() == 0
    return phone


def give(phone, owner: int | None) -> None:
    """Lets the line belong to somebody else, or to who is here."""
    path = phone.profile / "settings.toml"
    lines = [line for line in path.read_text().splitlines() if not line.startswith("owner")]
    if owner is not None:
        lines.append(f'owner = {{ id = {owner}, name = "Анна" }}')
    path.write_text("\n".join(lines) + "\n")


def test_the_owner_is_told_of_a_trouble_once_and_once_when_it_is_over(telegram, phone, anna):
    give(phone, anna)
    for _ in range(2):
        with phone.engine() as engine:
            engine.wait_registration_problem("Офис")
            assert engine.account("Офис")["role"] == "user"
            [note] = eventually(telegram.posted, "the owner is told", 15)
            assert note["to"] == anna
            assert note["text"].startswith("Your line “Офис” does not work for me since ") and "password" in note["text"]
            Account(engine).wait_online()
            Account(engine).wait_sent()
            assert engine.quit() == 0
    give(phone, None)
    changed = phone.run("account", "set", "Офис", "--password-stdin", "--apply", stdin=f"{PASSWORDS['bob']}\n")
    assert changed.code == 0, str(changed)
    give(phone, anna)
    with phone.engine() as engine:
        engine.wait_registered("Офис")
        note = eventually(lambda: telegram.posted()[1:], "the owner is told that it is over", 15)[0]
        assert (note["to"], note["text"]) == (anna, "Your line “Офис” works again.")
    assert len(telegram.posted()) == 2
    said = str(telegram.posted())
    assert "wrong" not in said.replace("The password is wrong", "") and PASSWORDS["bob"] not in said


def test_nobody_is_told_of_ones_own_line(telegram, phone):
    with phone.engine() as engine:
        engine.wait_registration_problem("Офис")
        Account(engine).wait_online()
        engine.tell("telegram_queue")
        assert Account(engine).settled()["queued"] == 0
    assert telegram.posted() == []

"""The page of a line in the window, walked through by its accessible names in both languages."""

import json
import re
from dataclasses import dataclass

import pytest

from harness.desktop import Desktop, Window
from harness.process import eventually

pytestmark = pytest.mark.timeout(240)


@pytest.fixture
def desktop(folder):
    with Desktop(folder / "desktop", size="1280x1400") as desktop:
        yield desktop


@dataclass(frozen=True)
class Words:
    lines: str
    name: str
    login: str
    password: str
    domain: str
    registrar: str
    display_name: str
    auth_login: str
    enabled: str
    transport: str
    worker: str
    this_computer: str
    dtmf: str
    codecs: str
    rules: str
    record: str
    chat: str
    user: str
    callback: str
    sign_in: str
    apply: str
    revert: str
    delete: str
    restore: str
    template: str


WORDS = {
    "en": Words(
        "Lines", "Name", "Login", "Password", "Domain", "Registrar proxy", "Display name", "Authorization login", "On",
        "Transport", "Worker", "This computer", "DTMF", "Codecs", "Dial rules", "Call recording", "Chat for recordings",
        "User", "Callback", "Sign in to Telegram first", "Apply", "Undo", "Delete the line", "Bring back", "Template",
    ),
    "ru": Words(
        "Линии", "Название", "Логин", "Пароль", "Домен", "Registrar Proxy", "Имя", "Логин авторизации", "Включён",
        "Транспорт", "Worker", "Этот компьютер", "DTMF", "Кодеки", "Правила набора", "Запись разговоров",
        "Чат для записей", "Пользователь", "Callback", "Сначала войдите в Telegram", "Применить", "Вернуть",
        "Удалить линию", "Вернуть", "Шаблон",
    ),
}


class Page:
    """The page of the line `work`, and what the engine behind it says."""

    def __init__(self, window: Window, phone, words: Words):
        self.window, self.phone, self.words = window, phone, words

    def account(self) -> dict:
        status = json.loads(self.phone.run("ctl", "status").stdout)
        return next(account for account in status["accounts"] if account["values"].get("login") == "alice")

    def value(self, setting: str, applied: bool) -> str:
        account = self.account()
        if applied:
            return account["values"].get(setting)
        return (account["draft"] or {"values": {}})["values"].get(setting)

    def becomes(self, setting: str, value: str, applied: bool) -> None:
        eventually(lambda: self.value(setting, applied) == value, f"{setting} is {value}", 5)

    def row(self, label: str) -> str:
        """The expression a row's accessible name matches: the label, its value, and what the border says."""
        return rf"{re.escape(label)}(: .*)?(, .*)?"

    def press(self, label: str) -> None:
        self.window.click(self.row(label), role="button|toggle|check|switch")

    def types(self, label: str, setting: str, text: str, applied: bool) -> None:
        self.press(label)
        self.window.press("ctrl+a")
        self.window.type(text)
        self.window.press("Return")
        self.becomes(setting, text, applied)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_row_of_the_page_does_what_it_says(gudok, desktop, kamailio, language):
    words = WORDS[language]
    phone = gudok(language=language)
    phone.add_account("work", "alicepw", login="alice", domain=kamailio.address)
    with Window(phone, desktop) as window:
        window.desktop.run("xdotool", "windowsize", "--sync", window.id, 1000, 1300)
        kamailio.wait_registered("alice")
        page = Page(window, phone, words)
        window.click(words.lines, role="button|tab")
        window.click("work: .*")
        window.screenshot(f"page-{language}")

        page.types(words.name, "name", "work2", applied=True)
        page.types(words.display_name, "display_name", "Alice", applied=True)
        page.types(words.registrar, "registrar", "127.0.0.1:9", applied=False)
        page.types(words.auth_login, "auth_login", "alice2", applied=False)
        page.types(words.domain, "domain", "pbx.example.com", applied=False)

        # Esc leaves what was there, and a wrong value is refused in place.
        page.press(words.login)
        window.press("ctrl+a")
        window.type("mallory")
        window.press("Escape")
        assert page.value("login", False) is None
        page.press(words.domain)
        window.press("ctrl+a")
        window.type("a b")
        window.press("Return")
        window.screenshot(f"page-wrong-{language}")
        window.press("Escape")
        assert page.value("domain", False) == "pbx.example.com"

        # The password's prompt starts empty and shows dots.
        page.press(words.password)
        window.type("secret9")
        window.screenshot(f"page-password-{language}")
        assert not any("secret9" in f"{element['name']}{element['value']}" for element in window.elements())
        window.press("Return")
        eventually(lambda: (page.account()["draft"] or {}).get("password"), "a new password waits", 5)

        for transport in ("tcp", "tls", None, "tcp"):
            page.press(words.transport)
            page.becomes("transport", transport, applied=False)
        for label, setting in ((words.record, "record"), (words.callback, "callback")):
            for value in ("on", "off"):
                page.press(label)
                page.becomes(setting, value, applied=True)

        # What was changed waits, and one press drops it.
        window.find(f"{re.escape(words.apply)}.*")
        window.screenshot(f"page-draft-{language}")
        window.click(f"{re.escape(words.revert)}.*", role="button")
        eventually(lambda: page.account()["draft"] is None, "the draft is dropped", 5)

        # Codecs and DTMF unfold to lists.
        page.press(words.codecs)
        window.screenshot(f"page-codecs-{language}")
        window.click("Opus")
        page.becomes("codecs", "g722,alaw,ulaw", applied=False)
        page.press(words.codecs)
        page.press(words.dtmf)
        window.click("RFC 2833")
        page.becomes("dtmf", "info,inband", applied=False)
        page.press(words.dtmf)

        # Rules are tried before they are kept.
        page.press(words.rules)
        window.press("ctrl+a")
        window.type("^8=7")
        window.press("Return")
        page.becomes("rules", "^8=7", applied=False)
        window.screenshot(f"page-rules-{language}")

        page.press(words.worker)
        window.find(words.this_computer)
        window.press("Escape")
        for label in (words.chat, words.user):
            page.press(label)
            window.find(words.sign_in)
            page.press(label)

        # In force now: registered over what was chosen.
        page.press(words.transport)
        window.click(f"{re.escape(words.apply)}.*", role="button")
        eventually(lambda: page.account()["draft"] is None, "the draft is applied", 5)
        assert page.value("transport", True) == "tcp" and page.value("rules", True) == "^8=7"
        eventually(lambda: "transport=tcp" in (kamailio.contact_of("alice") or "").lower(), "registered by TCP", 10)

        page.press(words.enabled)
        page.becomes("enabled", "off", applied=True)
        kamailio.wait_unregistered("alice", 5)
        page.press(words.enabled)
        page.becomes("enabled", "on", applied=True)

        # Deleted, and brought back.
        window.click(words.delete, role="button")
        window.click(words.delete, role="button")
        eventually(lambda: json.loads(phone.run("ctl", "status").stdout)["removed"], "the line is removed", 5)
        window.screenshot(f"page-removed-{language}")
        window.click(words.restore, role="button")
        eventually(lambda: page.account(), "the line is back", 5)


def test_a_line_that_is_only_used_shows_no_setting(gudok, desktop):
    phone = gudok()
    phone.add_account("work", "very-secret", login="alice", domain="127.0.0.1:9", register="off", record="on")
    settings = phone.profile / "settings.toml"
    settings.write_text(settings.read_text().replace('name = "work"', 'owner = { id = 7, name = "Anna" }\nname = "work"'))
    with Window(phone, desktop) as window:
        window.click("Lines", role="button|tab")
        window.click("work: .*")
        window.find("owner: Anna")
        window.screenshot("page-used")
        shown = [element["name"] for element in window.elements()]
        for setting in ("Login", "Password", "Domain", "Dial rules", "Transport"):
            assert not any(name and name.startswith(setting) for name in shown), shown
        assert not any("very-secret" in f"{element['name']}{element['value']}" for element in window.elements())


def test_a_template_a_login_and_a_password_are_enough(gudok, desktop, kamailio, folder):
    phone = gudok()
    template = folder / "own.toml"
    template.write_text(f'[[templates]]\nid = "lab"\nname = "Laboratory"\ngroup = "pbx"\ndomain = "{kamailio.address}"\n')
    assert phone.run("--secrets", "file", "templates", "import", template).code == 0
    with Window(phone, desktop) as window:
        window.click("Add your own line")
        window.click("Provider or PBX.*")
        window.type("labor")
        window.click("Laboratory, .*")
        window.screenshot("new-by-template")
        window.fill("Login", "alice")
        window.fill("Password", "alicepw")
        window.click("Add the line")
        kamailio.wait_registered("alice")
        window.find("ready")

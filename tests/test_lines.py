"""Lines: drafts and Apply, removal and its undoing, roles, files of accounts, and which line takes a number."""

import json
import time

import pytest

from harness.process import eventually


def stored(phone) -> str:
    return (phone.profile / "settings.toml").read_text()


def own_account(phone, name="work", password="very-secret", **settings) -> str:
    settings = {"login": "alice", "domain": "127.0.0.1:9", "register": "off", **settings}
    return phone.add_account(name, password, **settings)


def given_away(phone, name="work") -> None:
    """Somebody else's account, used here: as accepting it in Telegram leaves it."""
    settings = phone.profile / "settings.toml"
    text = stored(phone)
    head, account = text.split(f'name = "{name}"')
    settings.write_text(f'{head}owner = {{ id = 7, name = "Анна К." }}\nname = "{name}"{account}')


def draft(phone, name="work") -> dict:
    return json.loads(phone.run("account", "show", name, "--json").stdout)["draft"]


def test_what_the_connection_needs_waits_for_apply_and_a_name_does_not(gudok):
    phone = gudok()
    own_account(phone)
    changed = phone.run("account", "set", "work", "transport=tls", "rules=^8=7", "display_name=Alice")
    assert changed.code == 0 and "apply" in changed.stdout, str(changed)
    shown = json.loads(phone.run("account", "show", "work", "--json").stdout)
    assert shown["values"]["transport"] == "udp" and shown["values"]["display_name"] == "Alice"
    assert shown["draft"]["values"] == {"transport": "tls", "rules": "^8=7"}
    assert 290 <= shown["draft"]["apply_s"] <= 300
    assert phone.run("account", "apply", "work").code == 0
    shown = json.loads(phone.run("account", "show", "work", "--json").stdout)
    assert shown["values"]["transport"] == "tls" and shown["draft"] is None
    phone.run("account", "set", "work", "transport=tcp")
    assert phone.run("account", "revert", "work").code == 0
    assert draft(phone) is None


def test_a_draft_survives_a_restart_and_is_applied_when_its_time_has_come(gudok):
    phone = gudok()
    own_account(phone)
    phone.run("account", "set", "work", "rules=^8=7")
    waiting = draft(phone)
    assert waiting["values"] == {"rules": "^8=7"}
    due = int(time.time()) + 2
    text = stored(phone)
    before = text.split("due = ")[1].split()[0].rstrip(",")
    (phone.profile / "settings.toml").write_text(text.replace(f"due = {before}", f"due = {due}"))
    engine = phone.engine()
    eventually(lambda: engine.account("work")["draft"] is None, "the draft is applied by itself", 10)
    assert time.time() >= due
    assert engine.account("work")["values"]["rules"] == "^8=7"
    assert engine.quit() == 0


def test_a_rule_that_does_not_compile_is_refused_with_its_place_and_the_old_ones_stay(gudok):
    for language, words in (("en", "character"), ("ru", "знак")):
        phone = gudok(language=language)
        own_account(phone, rules="^8=7")
        refused = phone.run("account", "set", "work", "rules=^8=7 ^(9=1")
        assert refused.code == 1 and "^(9" in refused.stderr, str(refused)
        assert any(letter.isdigit() for letter in refused.stderr), str(refused)
        assert draft(phone) is None


def test_a_removed_account_can_be_brought_back_for_ten_seconds(gudok):
    phone = gudok()
    own_account(phone)
    engine = phone.engine()
    account = engine.account("work")["id"]
    engine.tell("remove_account", account=account)
    removed = engine.status()["removed"]
    assert [entry["id"] for entry in removed] == [account] and 8 <= removed[0]["restore_s"] <= 10
    assert engine.status()["accounts"] == []
    assert phone.run("account", "restore", "work").code == 0
    assert engine.account("work")["has_password"]
    engine.tell("remove_account", account=account)
    assert engine.quit() == 0
    # With the program's end a removal is final, and the password goes with it.
    assert "work" not in stored(phone)
    assert "very-secret" not in "".join(file.read_text(errors="replace") for file in phone.profile.iterdir() if file.is_file())


EDITS = (
    ("set", "work", "name=mine"), ("set", "work", "login=mallory"), ("set", "work", "enabled=off"),
    ("set", "work", "record=off"), ("set", "work", "user="), ("set", "work", "template="),
    ("apply", "work"), ("revert", "work"), ("enable", "work"), ("disable", "work"), ("remove", "work"),
    ("export", "work"),
)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_who_only_uses_an_account_cannot_change_it_by_any_command(gudok, language):
    phone = gudok(language=language)
    own_account(phone)
    given_away(phone)
    before = stored(phone)
    for edit in EDITS:
        refused = phone.run("account", *edit)
        assert refused.code == 1 and "Анна К." in refused.stderr, str(refused)
    assert phone.run("account", "set", "work", "--password-stdin", stdin="other\n").code == 1
    assert stored(phone) == before


def test_who_only_uses_an_account_cannot_change_it_through_the_control_socket(gudok):
    phone = gudok()
    own_account(phone)
    given_away(phone)
    engine = phone.engine()
    account = engine.account("work")["id"]
    before = stored(phone)
    about = {"account": account}
    for method, parameters in {
        "set_account": {**about, "values": {"record": "off"}, "apply": True},
        "apply_account": about, "revert_account": about, "remove_account": about,
        "pin_certificate": {**about, "fingerprint": ":".join(["AB"] * 32)},
        "export_accounts": {"accounts": [account], "passphrase": "x"},
    }.items():
        refused = engine.ask(method, **parameters)
        assert refused.code == 1 and "Анна К." in refused.stderr, str(refused)
    everything = engine.tell("export_accounts", passphrase="x")
    assert everything["accounts"] == 0 if "accounts" in everything else everything["result"]["accounts"] == 0
    assert stored(phone) == before
    seen = engine.account("work")
    assert seen["role"] == "user" and seen["owner"]["name"] == "Анна К."
    assert set(seen["values"]) <= {"name", "enabled", "record"} and seen["draft"] is None
    assert engine.quit() == 0


def test_the_password_of_an_account_comes_out_nowhere(gudok):
    phone = gudok(env={"RUST_LOG": "trace"})
    own_account(phone, register="on")
    given_away(phone)
    engine = phone.engine()
    engine.ask("register", account=engine.account("work")["id"])
    outputs = [json.dumps(engine.status(), ensure_ascii=False)]
    outputs += [engine.ask("export_accounts").stdout, engine.ask("export_accounts", passphrase="x").stdout]
    for words in (("show", "work", "--json"), ("list", "--json"), ("export",), ("export", "work")):
        ran = phone.run("account", *words)
        outputs += [ran.stdout, ran.stderr]
    assert engine.quit() == 0
    outputs += engine.lines + engine.errors
    assert not [output for output in outputs if "very-secret" in output]


def test_accounts_travel_in_a_file_and_their_passwords_only_sealed(gudok, tmp_path):
    phone, other = gudok(), gudok()
    own_account(phone, rules="[^\\w+*#]= ^8=7", codecs="alaw,opus")
    file = tmp_path / "accounts.toml"
    assert phone.run("account", "export", "--to", file).code == 0
    assert "very-secret" not in file.read_text() and "sealed" not in file.read_text()
    phone.env["GUDOK_PASSPHRASE"] = other.env["GUDOK_PASSPHRASE"] = "sesam"
    assert phone.run("account", "export", "--to", file, "--with-passwords").code == 0
    assert "very-secret" not in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    imported = other.run("--secrets", "file", "account", "import", file, "--with-passwords")
    assert imported.code == 0, str(imported)
    shown = json.loads(other.run("account", "show", "work", "--json").stdout)
    assert shown["values"]["rules"] == "[^\\w+*#]= ^8=7" and shown["values"]["codecs"] == "alaw,opus"
    assert shown["has_password"]
    other.env["GUDOK_PASSPHRASE"] = "wrong"
    refused = other.run("account", "import", file, "--with-passwords")
    assert refused.code == 1 and refused.stderr.strip(), str(refused)
    file.write_text("version = 2\n[[accounts]]\ndomain = 'a b'\n")
    refused = other.run("account", "import", file)
    assert refused.code == 1 and ":3" in refused.stderr, str(refused)


def test_several_lines_are_asked_for_and_one_can_be_set_for_all_calls(gudok):
    phone = gudok()
    own_account(phone, "work")
    own_account(phone, "home", rules="^9=")
    several = phone.run("call", "101", "--json", "--for", "1s")
    assert several.problem == "several-lines", str(several)
    assert several["problem"]["lines"] == ["work", "home"]
    engine = phone.engine()
    engine.tell("set_preferences", default_line=engine.account("home")["id"])
    engine.tell("dial", target="9101")
    call = engine.wait_call("dialing", "ringing", "active", "ended")
    assert call["account_name"] == "home" and call["peer"]["number"] == "101" and call["peer"]["typed"] == "9101"
    engine.quit()


def test_without_a_line_each_account_says_why(gudok):
    for language, words in (("en", "dial rules do not let"), ("ru", "правила набора не пропускают")):
        phone = gudok(language=language)
        own_account(phone, "work", rules="^79")
        own_account(phone, "home")
        assert phone.run("account", "disable", "home").code == 0
        refused = phone.run("call", "101", "--json").failed("no-line")
        assert words in refused["text"], str(refused)
        assert [name for name, _ in refused["problem"]["reasons"]] == ["work", "home"]
        assert phone.run("call", "101", "--account", "work", "--json").problem == "no-line"

"""Accounts from the command line."""

import json
import stat

import pytest


def test_an_account_is_added_shown_changed_and_removed(gudok):
    phone = gudok()
    account = phone.add_account("work", "very-secret", login="alice", domain="sip.example:5080", transport="tcp")
    listed = phone.run("account", "list", "--json")
    assert listed.code == 0 and account in listed.stdout and "work" in listed.stdout
    for name in (account, "work"):
        shown = phone.run("account", "show", name, "--json")
        assert "sip.example:5080" in shown.stdout and "tcp" in shown.stdout, str(shown)
    assert phone.run("account", "set", "work", "transport=udp", "codecs=opus,mulaw").code == 0
    shown = phone.run("account", "show", account, "--json").stdout
    assert "opus,ulaw" in shown, shown
    assert phone.run("account", "remove", account).code == 0
    assert account not in phone.run("account", "list", "--json").stdout


def test_the_password_is_nowhere_to_be_read(gudok):
    phone = gudok()
    phone.add_account("work", "very-secret", login="alice", domain="sip.example")
    for command in (("account", "show", "work", "--json"), ("account", "list", "--json")):
        assert "very-secret" not in phone.run(*command).stdout
    for file in phone.profile.rglob("*"):
        if file.is_file() and b"very-secret" in file.read_bytes():
            assert stat.S_IMODE(file.stat().st_mode) == 0o600, f"{file} can be read by others"


@pytest.mark.parametrize("setting", [
    "domain=host:port", "domain=[::1", "domain=a b", "transport=carrier-pigeon", "codecs=mp3", "nonsense=1",
])
def test_a_bad_setting_is_refused_and_nothing_changes(gudok, setting):
    phone = gudok()
    phone.add_account("work", "x", login="alice", domain="sip.example")
    before = phone.run("account", "show", "work", "--json").stdout
    refused = phone.run("account", "set", "work", "login=mallory", setting)
    assert refused.code in (1, 2) and refused.stderr.strip(), str(refused)
    assert phone.run("account", "show", "work", "--json").stdout == before


def test_wrong_use_is_told_apart_from_failure(gudok):
    phone = gudok()
    assert phone.run("account", "show", "nobody").code == 1
    assert phone.run("account", "no-such-command").code == 2
    assert phone.run("call").code == 2


def test_missing_settings_are_named(gudok):
    phone = gudok()
    phone.add_account("half", "x", login="alice")
    outcome = phone.call("600", "half")
    assert outcome.problem == "wrong-parameters" and "domain" in json.dumps(outcome["problem"]), str(outcome)


def test_a_damaged_settings_file_is_set_aside(gudok):
    phone = gudok()
    phone.add_account("work", "x", login="alice", domain="sip.example")
    settings = phone.profile / "settings.toml"
    settings.write_text('accounts = "nonsense\n')
    listed = phone.run("account", "list", "--json")
    assert listed.code == 0, str(listed)
    assert any("nonsense" in file.read_text(errors="replace") for file in phone.profile.iterdir() if file.is_file())

"""The first call of a newcomer: the built-in test line."""

import pytest

from harness.score import score


def test_the_echo_of_the_test_line_is_what_was_said(gudok, english, folder):
    heard = folder / "heard.wav"
    outcome = gudok().run(
        "demo", "--headless", "--json", "--audio-in", f"file:{english.at(48000)}", "--audio-out", f"file:{heard}",
        "--for", f"{english.seconds + 1.5:g}s",
    )
    outcome.completed()
    assert outcome["codec"] == "opus" and outcome["received"]["lost"] == 0
    result = score(english.at(48000), heard, wideband=True)
    result.at_least(4.0)


def test_needs_no_device_and_no_setting(gudok):
    outcome = gudok().run("demo", "--headless", "--json").completed()
    assert outcome["received"]["packets"] > 50


def test_leaves_no_account_behind(gudok):
    phone = gudok()
    phone.run("demo", "--headless", "--json").completed()
    assert "test-line" not in phone.run("account", "list", "--json").stdout


@pytest.mark.parametrize("language, letters", [("ru", "абвгдежзиклмнопрстуя"), ("en", "abcdefghiklmnoprstuy")])
def test_says_how_it_went_in_plain_words(gudok, language, letters):
    said = gudok(language=language).run("demo", "--headless")
    assert said.code == 0, str(said)
    assert sum(said.stdout.lower().count(letter) for letter in letters) > 20, said.stdout

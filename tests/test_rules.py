"""Dial rules tried out from the command line."""

import json

import pytest

from harness.gudok import Gudok

SEED = r"[^\w+*#]= ^8=7"


def test_each_step_and_the_number_are_shown(gudok):
    shown = gudok().run("rules", "test", SEED, "8 (926) 123-45-67")
    assert shown.code == 0 and shown.stdout.splitlines() == [
        r"[^\w+*#]=: 8 (926) 123-45-67 → 89261234567",
        "^8=7: 89261234567 → 79261234567",
        "79261234567 will be dialled",
    ], str(shown)


def test_each_step_and_the_number_are_shown_in_russian(gudok):
    shown = gudok(language="ru").run("rules", "test", SEED + " ^7 ^9=", "8 926")
    assert shown.code == 0 and shown.stdout.splitlines() == [
        r"[^\w+*#]=: 8 926 → 8926",
        "^8=7: 8926 → 7926",
        "^7: подходит",
        "^9=: менять нечего",
        "Будет набран номер 7926",
    ], str(shown)


@pytest.mark.parametrize("language, lines", [
    ("en", ["^9: does not match", "8926 will not be dialled"]),
    ("ru", ["^9: не подходит", "Номер 8926 набран не будет"]),
])
def test_a_filter_refuses_a_number_and_the_rest_does_not_run(gudok, language, lines):
    shown = gudok(language=language).run("rules", "test", "^9 8=7", "8926")
    assert shown.code == 1 and shown.stdout.splitlines() == lines, str(shown)


@pytest.mark.parametrize("language, nothing", [("en", "nothing"), ("ru", "пусто")])
def test_nothing_may_be_left_of_a_number(gudok, language, nothing):
    shown = gudok(language=language).run("rules", "test", ".*=", "8926")
    first, last = shown.stdout.splitlines()
    assert shown.code == 1 and first == f".*=: 8926 → {nothing}" and last, str(shown)


@pytest.mark.parametrize("language, words", [("en", "is not closed"), ("ru", "не закрыта")])
def test_a_rule_that_is_no_expression_is_refused_with_the_place(gudok, language, words):
    shown = gudok(language=language).run("rules", "test", "^8=7 (9=8", "8926")
    assert shown.code == 1 and not shown.stdout, str(shown)
    assert words in shown.stderr and "(9=8" in shown.stderr and "6" in shown.stderr, str(shown)


def test_json_is_as_the_design_has_it(gudok):
    shown = gudok().run("rules", "test", SEED + r" ^79\d{9}$", "8 (926) 123-45-67", "--json")
    assert shown.code == 0, str(shown)
    assert json.loads(shown.stdout) == {
        "verdict": "dial",
        "number": "79261234567",
        "steps": [
            {"rule": r"[^\w+*#]=", "kind": "replace", "before": "8 (926) 123-45-67", "after": "89261234567", "matched": True},
            {"rule": "^8=7", "kind": "replace", "before": "89261234567", "after": "79261234567", "matched": True},
            {"rule": r"^79\d{9}$", "kind": "filter", "before": "79261234567", "after": "79261234567", "matched": True},
        ],
    }


@pytest.mark.parametrize("rules, number, verdict, left", [
    ("^8=7", "8926", "dial", "7926"),
    ("=", "8926", "dial", "8926"),
    ("", "8926", "dial", "8926"),
    ("`^8=7`", "8926", "dial", "7926"),
    ("(?=7)", "17", "dial", "17"),
    ("(?=7)", "18", "filtered", "18"),
    (".*=", "8926", "empty", ""),
    ("-=", "8-926", "dial", "8926"),
    (r"^(a|a)*(?=b)$", "a" * 100, "filtered", "a" * 100),
    ("[", "8926", "invalid", "8926"),
])
def test_the_verdict_and_the_exit_code_agree(gudok, rules, number, verdict, left):
    shown = gudok().run("rules", "test", rules, number, "--json")
    assert (shown["verdict"], shown["number"]) == (verdict, left), str(shown)
    assert shown.code == (0 if verdict == "dial" else 1)


def test_a_rule_that_takes_too_much_trying_says_so(gudok):
    shown = gudok().run("rules", "test", r"^(a|a)*(?=b)$", "a" * 100, "--json")
    assert shown["steps"][-1]["reason"] == "attempts", str(shown)
    assert "too much" in gudok().run("rules", "test", r"^(a|a)*(?=b)$", "a" * 100).stdout


def test_what_is_wrong_with_a_rule_is_in_the_json(gudok):
    shown = gudok().run("rules", "test", "^8=7 (9=8", "8926", "--json")
    assert shown["verdict"] == "invalid" and shown["steps"] == [] and shown["text"], str(shown)
    error = shown["error"]
    assert (error["rule"], error["at"], error["reason"]) == ("(9=8", 6, "reason-rule-unclosed-group")


def test_options_may_stand_anywhere_and_rules_may_begin_with_a_dash(gudok):
    phone = gudok()
    for words in (["--json", "rules", "test", "-=", "-1-"], ["rules", "--json", "test", "-=", "-1-"], ["rules", "test", "--json", "-=", "-1-"]):
        shown = phone.run(*words)
        assert shown.code == 0 and shown["number"] == "1", str(shown)


def test_no_profile_is_needed(folder):
    (folder / "file").touch()
    phone = Gudok(folder / "profile")
    phone.profile = folder / "file" / "not-a-folder"
    shown = phone.run("rules", "test", "^8=7", "8926", "--json")
    assert shown.code == 0 and shown["number"] == "7926", str(shown)
    assert not list((folder / "profile").iterdir()), "something was written"


def test_wrong_use_is_told_apart_from_a_number_that_is_refused(gudok):
    for words in (["rules"], ["rules", "test"], ["rules", "test", "^8=7"], ["rules", "try", "a", "b"]):
        assert gudok().run(*words).code == 2

"""The history of calls: kept as they go, whatever happens to the program."""

import csv
import json
import signal
import sqlite3

import pytest

from harness.process import eventually


@pytest.fixture
def pair(gudok):
    """A telephone with an engine, and one that answers."""
    phone, other = gudok(listen="127.0.0.1:0"), gudok(listen="127.0.0.1:0")
    phone.add_account("Office", login="alice", domain="127.0.0.1", register="off", codecs="opus")
    other.add_account("direct", login="bob", domain="127.0.0.1", register="off", codecs="opus")
    return phone, other


def past(phone, *words):
    reply = phone.run("history", *words, "--json")
    assert reply.code == 0, str(reply)
    return json.loads(reply.stdout.strip().splitlines()[-1])


def test_calls_both_ways_are_kept_with_outcome_and_quality(pair):
    phone, other = pair
    answering = other.answering("direct", says="tone:440")
    with phone.engine(says="tone:600") as engine:
        engine.dial(f"sip:bob@127.0.0.1:{answering.port}", "Office")
        engine.tell("record", call=engine.wait_call("active")["id"], on=True)
        engine.wait_call("active")
        eventually(lambda: (engine.calls()[-1]["quality"] or {}).get("mos"), "there are figures", 5)
        engine.tell("hang_up", call=engine.calls()[-1]["id"])
        answering.outcome().completed()
        engine.dial("sip:nobody@127.0.0.1:9", "Office")
        engine.tell("hang_up", call=engine.calls()[-1]["id"])
        port = engine.status()["listen"][0].rsplit(":", 1)[1]
        missed = other.start("call", f"sip:alice@127.0.0.1:{port}", "--account", "direct", "--audio-in", "silence")
        engine.wait_call("incoming")
        missed.stop()
        eventually(lambda: engine.status()["history"]["missed"] == 1, "a missed call is counted", 10)
        kept = past(phone)
        assert [(call["incoming"], call["outcome"]) for call in kept] == [
            (True, "missed"), (False, "cancelled"), (False, "talked")
        ]
        talked = kept[-1]
        assert talked["talked_ms"] > 0 and talked["codec"] == "opus" and talked["line"] == "Office"
        assert talked["quality"]["mos"] > 3.5 and talked["recording"].endswith(".ogg")
        engine.tell("history_seen")
        eventually(lambda: engine.status()["history"]["missed"] == 0, "it was looked at", 5)
        assert [call["outcome"] for call in past(phone, "--only", "missed")] == ["missed"]
        assert len(past(phone, "BOB")) == 2 and len(past(phone, "--limit", "1")) == 1
        table = phone.profile / "calls.csv"
        assert phone.run("history", "--csv", table).code == 0
        assert [row["outcome"] for row in csv.DictReader(table.open())] == ["missed", "cancelled", "talked"]
        engine.tell("forget_call", id=kept[0]["id"])
        assert len(past(phone)) == 2
        engine.tell("forget_history")
        assert past(phone) == []
    assert "No calls found" in phone.run("history").stdout


def test_a_call_that_the_program_did_not_outlive_is_there_when_it_starts_again(pair):
    phone, other = pair
    answering = other.answering("direct", says="tone:440", seconds=20)
    with phone.engine(says="tone:600") as engine:
        engine.dial(f"sip:bob@127.0.0.1:{answering.port}", "Office")
        engine.wait_call("active")
        # What is told of a call is written by then: the history has a place for it.
        eventually(lambda: rows(phone) == 1, "the call is written", 5)
        engine.process.send_signal(signal.SIGKILL)
        engine.process.wait(5)
    answering.stop()
    assert [call["outcome"] for call in past(phone)] == ["interrupted"]


def test_a_damaged_history_is_set_aside_and_calls_go_on(pair):
    phone, _ = pair
    (phone.profile / "history.sqlite").write_bytes(b"no database" * 100)
    with phone.engine() as engine:
        assert engine.tell("history").stdout.strip().endswith("[]")
    assert (phone.profile / "history.damaged-1.sqlite").read_bytes().startswith(b"no database")


def rows(phone):
    with sqlite3.connect(f"file:{phone.profile}/history.sqlite?mode=ro", uri=True) as database:
        return database.execute("SELECT COUNT(*) FROM calls").fetchone()[0]

"""A Telegram server of our own (tests/telegram), and Gudoks that speak with it instead of Telegram."""

import json
import os
import socket
from pathlib import Path
from typing import Callable

from .gudok import Engine, Gudok, Outcome, binary
from .process import Background, eventually

API_ID = 12345
API_HASH = "0123456789abcdef0123456789abcdef"


def server_binary() -> Path:
    """`GUDOK_TELEGRAM_SERVER_BIN`, or what lies beside the program under test."""
    return Path(os.environ.get("GUDOK_TELEGRAM_SERVER_BIN") or binary().with_name("gudok-telegram-server"))


class TelegramServer(Background):
    """Two data centres, 2 and 4, and whom and what a test puts there."""

    def __init__(self):
        program = server_binary()
        assert program.exists(), f"no {program}: cargo build --release --manifest-path tests/telegram/Cargo.toml"
        super().__init__([program], name="telegram", separate_stderr=True)
        port = json.loads(self.wait_for('"control"'))["control"]
        self._control = socket.create_connection(("127.0.0.1", port))
        self._answers = self._control.makefile("r")

    def do(self, what: str, **details):
        """Asks the server for something; see tests/telegram/src/control.rs."""
        self._control.sendall((json.dumps({"do": what, **details}) + "\n").encode())
        answer = json.loads(self._answers.readline())
        assert not (isinstance(answer, dict) and "error" in answer), f"{what} {details}: {answer}"
        return answer

    def user(self, phone: str = "", **details) -> int:
        return self.do("user", phone=phone, **details)["id"]

    def chat(self, kind: str, title: str, **details) -> int:
        return self.do("chat", kind=kind, title=title, **details)["id"]

    def write(self, to: int, sender: int, chat: int | None = None, text: str = "", **details) -> int:
        """The number of the message."""
        return self.do("write", to=to, **{"from": sender}, chat=chat, text=text, **details)["id"]

    def posted(self) -> list[dict]:
        """All that was posted, in its order: from, to, text, reply_to, file."""
        return self.do("posted")

    def recordings(self) -> list[dict]:
        return [message for message in self.posted() if message["file"]]

    def signed_in(self) -> list[int]:
        return [user for _, _, user in self.do("seen")["signed_in"]]

    def calls(self, method: str) -> int:
        """How often a method was called."""
        return sum(1 for _, called in self.do("calls") if called == method)

    def environment(self, folder: Path) -> dict:
        """For one Gudok: it becomes a device of its own."""
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "servers.json"
        file.write_text(json.dumps(self.do("device")["servers"]))
        return {"GUDOK_TELEGRAM_SERVERS": str(file)}

    def stop(self, patience: float = 5) -> None:
        self._control.close()
        super().stop(patience)


class Account:
    """The Telegram account of a running Gudok, driven through its control socket."""

    def __init__(self, engine: Engine):
        self.engine = engine

    def see(self) -> dict:
        return self.engine.status()["telegram"]

    @property
    def state(self) -> str:
        return self.see()["state"]["state"]

    @property
    def problem(self) -> str | None:
        return (self.see()["problem"] or {}).get("kind")

    def ask(self, what: str, **parameters) -> dict:
        """Asks for something; the account as it is once that has come to an end."""
        self.engine.tell(f"telegram_{what}", **parameters)
        return self.settled()

    def settled(self) -> dict:
        return self.wait("it is known what came of it", lambda seen: not seen["busy"], 60)

    def wait(self, what: str, is_so: Callable[[dict], bool], timeout: float = 20) -> dict:
        """The account once something holds of it."""
        seen = {}

        def look() -> bool:
            seen.clear()
            seen.update(self.see())
            return is_so(seen)

        try:
            eventually(look, what, timeout)
        except AssertionError as error:
            raise AssertionError(f"{error}; it is {seen}") from None
        return seen

    def wait_sent(self, timeout: float = 30) -> dict:
        """Nothing waits to be sent any more."""
        return self.wait("all is sent", lambda seen: seen["queued"] == 0, timeout)

    def wait_refused(self, count: int = 1) -> list[dict]:
        def refused(seen: dict) -> list[dict]:
            return [post for post in seen["queue"] if post["state"] == "refused"]

        return refused(self.wait("a message can't be sent", lambda seen: len(refused(seen)) == count))

    def wait_online(self, timeout: float = 30) -> dict:
        online = {"state": "signed_in", "online": True}
        return self.wait("signed in and connected", lambda seen: seen["state"] == online, timeout)

    def wait_offline(self, timeout: float = 30) -> dict:
        offline = {"state": "signed_in", "online": False}
        return self.wait("signed in without a connection", lambda seen: seen["state"] == offline, timeout)

    def wait_problem(self, kind: str, timeout: float = 20) -> dict:
        return self.wait(kind, lambda seen: (seen["problem"] or {}).get("kind") == kind, timeout)

    def sign_in(self, phone: str, code: str = "12345") -> dict:
        asked = self.ask("sign_in", phone=phone)
        assert asked["state"]["state"] == "needs_code", asked
        seen = self.ask("code", code=code)
        assert seen["state"]["state"] == "signed_in", seen
        return seen

    def find(self, where: str, query: str = "") -> list[dict]:
        reply = self.engine.tell("telegram_find", list=where, query=query)
        return json.loads(reply.stdout)

    def names(self, where: str, query: str = "") -> list[str]:
        return [peer["name"] for peer in self.find(where, query)]


def give_api(phone: Gudok, api_id: int = API_ID, api_hash: str = API_HASH) -> Outcome:
    """Sets what the program shows to be let in, kept in a file of the profile."""
    done = phone.run("--secrets", "file", "telegram", "api", api_id, "--hash-stdin", stdin=f"{api_hash}\n")
    assert done.code == 0, str(done)
    return done

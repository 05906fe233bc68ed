#!/usr/bin/env python3
"""Gudok, baresip and Linphone on the same bad networks with the same speech: PESQ and mouth-to-ear delay of each.

usage: ~/.cache/gudok-tests/venv/bin/python benches/side_by_side.py [--write]
                     [--only ROW ...] [--peers a,b] [--seeds N] [--jobs N] [--gudok PATH] [--json OUT [--resume]]
Needs root, a release build, tests/install.sh and benches/install.sh. --write puts the table into benches/README.md.
"""

import argparse
import concurrent.futures
import json
import os
import shutil
import signal
import statistics
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Optional

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests")]

import network  # noqa: E402
import readme  # noqa: E402
import voices  # noqa: E402
from cell import Cell, measure  # noqa: E402
from harness.gudok import REPOSITORY  # noqa: E402
from harness.process import running  # noqa: E402
from network import Conditions  # noqa: E402
from phones import ALAW, OPUS, PHONES, installed  # noqa: E402

OURS = "gudok"
PESQ_WITHIN, DELAY_WITHIN_MS = 0.05, 10.0
"""How far behind the best peer Gudok may be."""
TRIES = 3
LATE_WITHIN_MS = 30.0
"""A call is made again when mouth or ear were later than this: the machine had no time for it."""


@dataclass(frozen=True)
class Row:
    name: str
    conditions: Conditions = Conditions()
    codec: str = OPUS
    clock_error: float = 0
    speaker: Optional[str] = None
    """Whom all listen to; without one each phone talks to its like."""
    listeners: tuple[str, ...] = tuple(PHONES)

    def cell(self, listener: str, seed: int) -> Cell:
        return Cell(self.conditions, self.codec, self.clock_error, self.speaker or listener, listener, seed)


FROM_LINPHONE = (OURS, "linphone")
ROWS = [
    Row("nothing lost"),
    *(Row(f"{percent} % lost", Conditions(loss_percent=percent)) for percent in (1, 3, 5, 10, 20)),
    Row("5 % lost, in runs of 3", Conditions(loss_percent=5, burst=3)),
    *(Row(f"{jitter} ms jitter", Conditions(jitter_ms=jitter)) for jitter in (30, 50, 100)),
    Row("10 % overtaken", Conditions(overtaken_percent=10)),
    Row("50 ms away, 5 % lost", Conditions(delay_ms=50, loss_percent=5)),
    Row("speaker's clock 1 % fast", clock_error=0.01),
    *(Row(f"A-law, {percent} % lost", Conditions(loss_percent=percent), codec=ALAW) for percent in (0, 5, 10)),
    *(
        Row(f"from Linphone, {percent} % lost", Conditions(loss_percent=percent), speaker="linphone", listeners=FROM_LINPHONE)
        for percent in (5, 10, 20)
    ),
]


class Results:
    """What has been measured, in a file that outlives the run."""

    def __init__(self, file: Path, resume: bool):
        self._file = file
        self._cells: list[dict] = json.loads(file.read_text()) if resume and file.exists() else []

    @staticmethod
    def _key(cell: Cell) -> dict:
        programs = {name: PHONES[name].fingerprint() for name in (cell.speaker, cell.listener)}
        return json.loads(json.dumps(asdict(cell))) | {"programs": programs}

    def get(self, cell: Cell) -> Optional[dict]:
        key = self._key(cell)
        return next((found["measured"] for found in self._cells if found["cell"] == key), None)

    def put(self, cell: Cell, measured: dict) -> None:
        self._cells.append({"cell": self._key(cell), "measured": measured})
        self._file.parent.mkdir(parents=True, exist_ok=True)
        part = self._file.with_suffix(".part")
        part.write_text(json.dumps(self._cells, indent=1))
        part.replace(self._file)


@dataclass(frozen=True)
class Figures:
    pesq: float
    delay_ms: float

    def __str__(self) -> str:
        return f"{self.pesq:.2f} | {self.delay_ms:.0f}"

    @staticmethod
    def of(calls: list[dict]) -> "Figures":
        """Mean of all utterances' PESQ; mean of all calls' median delay."""
        medians = [statistics.median(sum((said["delays_ms"] for said in call["utterances"]), [])) for call in calls]
        return Figures(statistics.mean(said["pesq"] for call in calls for said in call["utterances"]), statistics.mean(medians))


def try_cell(cell: Cell, speech: voices.Monologue, number: int) -> dict:
    """Measures, again where something went wrong; the last problem alone where all tries did."""
    problem = ""
    for attempt in range(TRIES):
        folder = Path(tempfile.mkdtemp(prefix="gudok-bench-", dir="/tmp"))
        try:
            measured = measure(cell, speech, folder, f"{number}-{attempt}")
            late = max(measured["late_ms"].values())
            if late <= LATE_WITHIN_MS:
                return measured
            problem = f"the machine was {late:.0f} ms late"
        except (AssertionError, OSError) as error:
            problem = str(error)
        finally:
            for program in running:
                program.stop()
            running.clear()
            shutil.rmtree(folder, ignore_errors=True)
    return {"problem": problem}


def verdict(figures: dict[str, Figures]) -> str:
    ours, peers = figures[OURS], [name for name in figures if name != OURS]
    clearest = max(peers, key=lambda name: figures[name].pesq)
    nearest = min(peers, key=lambda name: figures[name].delay_ms)
    behind = []
    if ours.pesq < figures[clearest].pesq - PESQ_WITHIN:
        behind.append(f"PESQ {ours.pesq - figures[clearest].pesq:+.2f} ({PHONES[clearest].title})".replace("-", "−"))
    if ours.delay_ms > figures[nearest].delay_ms + DELAY_WITHIN_MS:
        behind.append(f"{ours.delay_ms - figures[nearest].delay_ms:+.0f} ms ({PHONES[nearest].title})")
    return "**behind**: " + ", ".join(behind) if behind else "✓"


def table(rows: list[Row], names: list[str], seeds: int, results: Results) -> str:
    heads = [f"{PHONES[name].title} {PHONES[name].version()}: PESQ | ms" for name in names]
    lines = [f"| network | {' | '.join(heads)} | Gudok is |", "|---" * (2 * len(names) + 2) + "|"]
    reached = 0
    for row in rows:
        figures = {}
        for name in names:
            calls = [results.get(row.cell(name, seed)) for seed in range(1, seeds + 1)] if name in row.listeners else []
            if calls and all(calls):
                figures[name] = Figures.of(calls)
        shown = [str(figures.get(name, "– | –")) for name in names]
        whole = all(name in figures for name in names if name in row.listeners)
        said = verdict(figures) if whole and OURS in figures and len(figures) > 1 else "–"
        reached += said == "✓"
        lines.append(f"| {row.name} | {' | '.join(shown)} | {said} |")
    return "\n".join([*lines, "", f"Not behind in {reached} of {len(rows)} rows."])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--write", action="store_true", help="put the whole table into benches/README.md")
    options.add_argument("--only", action="append", metavar="ROW", help="rows whose name holds this; may be repeated")
    options.add_argument("--peers", default=",".join(installed()), help="which phones, as the table shows them")
    options.add_argument("--seeds", type=int, default=3)
    options.add_argument("--jobs", type=int, default=2 * (os.cpu_count() or 1), help="calls at the same time")
    options.add_argument("--gudok", type=Path, help="the program, if not the release build of this folder")
    options.add_argument("--json", type=Path, default=REPOSITORY / "target" / "side_by_side.json", metavar="OUT")
    options.add_argument("--resume", action="store_true", help="make no call again that OUT has")
    chosen = options.parse_args()
    if chosen.gudok:
        os.environ["GUDOK_BIN"] = str(chosen.gudok.resolve())
    names = chosen.peers.split(",")
    if unknown := set(names) - set(PHONES):
        options.error(f"unknown: {', '.join(unknown)}; there are {', '.join(PHONES)}")
    rows = [row for row in ROWS if not chosen.only or any(part in row.name for part in chosen.only)]
    if chosen.write and (chosen.only or not {OURS, "baresip", "linphone"} <= set(names)):
        options.error("--write wants all rows, and all three phones")
    # What has been started is ended on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    network.remove_abandoned()
    results = Results(chosen.json, chosen.resume)
    cells = dict.fromkeys(
        row.cell(name, seed)
        for row in rows
        for seed in range(1, chosen.seeds + 1)
        for name in names
        if name in row.listeners
    )
    cells = [cell for cell in cells if results.get(cell) is None]
    print(f"{len(cells)} calls", flush=True)
    with (
        tempfile.TemporaryDirectory(prefix="gudok-bench-", dir="/tmp") as folder,
        concurrent.futures.ProcessPoolExecutor(chosen.jobs) as pool,
    ):
        speech = voices.monologue(Path(folder))
        begun = {pool.submit(try_cell, cell, speech, number): cell for number, cell in enumerate(cells)}
        try:
            for number, done in enumerate(concurrent.futures.as_completed(begun), 1):
                cell, measured = begun[done], done.result()
                if "problem" in measured:
                    print(f"{number}/{len(cells)} FAILED {cell.name}: {measured['problem']}", flush=True)
                    continue
                results.put(cell, measured)
                print(f"{number}/{len(cells)} {cell.name}: {Figures.of([measured])}", flush=True)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    made = table(rows, names, chosen.seeds, results)
    print(made)
    if chosen.write:
        said = ", ".join(voice.name for voice in voices.VOICES)
        readme.write("side_by_side.py", made, f"{chosen.seeds} seeds", said)


if __name__ == "__main__":
    main()

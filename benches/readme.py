"""The tables in README.md, each between two marks that bear its program's name."""

import os
import platform
from datetime import date
from pathlib import Path

README = Path(__file__).parent / "README.md"


def write(program: str, made: str, *circumstances: str) -> None:
    """Puts a table in the place of the one before, with the day, the machine and `circumstances` under it."""
    begin, end = f"<!-- {program} -->", f"<!-- /{program} -->"
    under = ", ".join([str(date.today()), f"{os.cpu_count()} cores", platform.machine(), *circumstances])
    text = README.read_text()
    before, after = text.split(begin)[0], text.split(end)[1]
    README.write_text(f"{before}{begin}\n{made}\n\n{under}\n{end}{after}")

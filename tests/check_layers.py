#!/usr/bin/env python3
"""The arrows between the rooms of src/ point one way, and only the window knows of egui.

The rooms stand in rows; a room may use rooms of the rows below its own, never its own row or one above.
"""

import re
import sys
from pathlib import Path

SOURCE = Path(__file__).parent.parent / "src"
ROWS = [
    {"codec", "rules", "plan"},
    {"account"},
    {"sip", "nat", "media", "audio"},
    {"call", "telegram", "store", "server", "worker"},
    {"engine"},
    {"locale"},
    {"ui", "cli", "desktop"},
]
ROW = {room: number for number, row in enumerate(ROWS) for room in row}
WINDOW = ("ui/", "desktop/", "main.rs")


def code_of(path: Path) -> str:
    """The file without comments, and without its tests: they may reach anywhere."""
    text = re.sub(r"//[^\n]*|/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    return re.split(r"#\[cfg\(test\)\]\s*(?:pub(?:\([^)]*\))? )?mod \w+ \{", text)[0]


def rooms_used(code: str) -> set[str]:
    """First names after `crate::`, also those of `crate::{...}`."""
    used = set(re.findall(r"\bcrate::(\w+)", code))
    for start in re.finditer(r"\bcrate::\{", code):
        depth, name_may_follow, rest = 1, True, code[start.end() :]
        for token in re.findall(r"\w+|[{},]", rest):
            if token == "{":
                depth += 1
            elif token == "}":
                depth -= 1
                if depth == 0:
                    break
            elif token == ",":
                name_may_follow = depth == 1
            elif depth == 1 and name_may_follow:
                used.add(token)
                name_may_follow = False
    return used


def main() -> int:
    wrong = []
    for path in sorted(SOURCE.rglob("*.rs")):
        name = path.relative_to(SOURCE).as_posix()
        if path.name == "tests.rs" or "/tests/" in name:
            continue
        code = code_of(path)
        if not name.startswith(WINDOW) and (toolkit := re.search(r"\b(egui\w*|eframe)\b", code)):
            wrong.append(f"src/{name} names {toolkit[0]}")
        room = name.split("/")[0].removesuffix(".rs")
        if room in ("main", "lib"):
            continue
        if room not in ROW:
            wrong.append(f"src/{name}: {room} stands in no row of tests/check_layers.py")
            continue
        for used in sorted(rooms_used(code) & ROW.keys() - {room}):
            if ROW[used] >= ROW[room]:
                wrong.append(f"src/{name} uses crate::{used}, which is not below {room}")
    print("\n".join(wrong) if wrong else "the arrows between the rooms point one way")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

"""Recordings as others read them: decoded by opusdec, looked over by opusinfo."""

import subprocess
from pathlib import Path

import soundfile


def decoded(recording: Path, to: Path) -> Path:
    """The recording as a WAV file of 48 kHz."""
    subprocess.run(["opusdec", "--quiet", "--rate", "48000", recording, to], check=True, timeout=30)
    return to


def seconds(recording: Path, to: Path) -> float:
    """How much of it plays."""
    return soundfile.info(decoded(recording, to)).duration


def complaints(recording: Path) -> list[str]:
    """What is wrong with the file."""
    report = subprocess.run(["opusinfo", recording], capture_output=True, text=True, timeout=30).stdout
    return [line for line in report.splitlines() if "WARNING" in line or "ERROR" in line]

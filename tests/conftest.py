"""Peers and fixtures that tests share. Nothing is skipped: a peer that is missing is a failure."""

import shutil
import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from harness import asterisk, certificates, process  # noqa: E402
from harness.gudok import Gudok, binary  # noqa: E402
from harness.kamailio import Kamailio  # noqa: E402
from harness.speech import Speech  # noqa: E402


def pytest_addoption(parser):
    parser.addoption("--kills", type=int, default=60, help="how often a Gudok that sends recordings is killed")


def _short_folder(prefix: str) -> Path:
    """Sockets lie in these folders, and a socket's path has to be short."""
    return Path(tempfile.mkdtemp(prefix=f"gudok-{prefix}-", dir="/tmp"))


@pytest.fixture(scope="session")
def session_folder():
    folder = _short_folder("session")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


LASTING: list = []
"""What session fixtures have started."""


@pytest.fixture
def folder():
    """A folder for one test."""
    folder = _short_folder("test")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def trusted(session_folder):
    """Certificates that the servers of the tests show."""
    return certificates.make(session_folder / "trusted")


@pytest.fixture(scope="session")
def kamailio(session_folder, trusted):
    (session_folder / "kamailio").mkdir()
    with Kamailio(session_folder / "kamailio", trusted) as server:
        yield server


@pytest.fixture(scope="session")
def kamailio_sha256(session_folder, trusted):
    (session_folder / "kamailio-sha256").mkdir()
    with Kamailio(session_folder / "kamailio-sha256", trusted, sha256=True) as server:
        yield server


@pytest.fixture(scope="session")
def asterisk_server(trusted):
    with asterisk.Asterisk(trusted) as server:
        yield server


@pytest.fixture(scope="session")
def russian(session_folder):
    return Speech(session_folder, "ru")


@pytest.fixture(scope="session")
def english(session_folder):
    return Speech(session_folder, "en")


@pytest.fixture
def gudok(folder):
    """Makes Gudoks, each with a profile of its own."""
    assert binary().exists(), f"no {binary()}: cargo build --release"
    count = 0

    def make(**options) -> Gudok:
        nonlocal count
        count += 1
        return Gudok(folder / f"profile{count}", **options)

    return make


@pytest.fixture(autouse=True)
def nobody_is_registered(request):
    """What an earlier test has left at a registrar is no business of this one."""
    for registrar in ("kamailio", "kamailio_sha256"):
        if registrar in request.fixturenames:
            request.getfixturevalue(registrar).forget()


@pytest.hookimpl(hookwrapper=True)
def pytest_fixture_setup(fixturedef, request):
    """Remembers the servers of the session, whenever the first test that needs one starts it."""
    before = list(process.running)
    yield
    if fixturedef.scope == "session":
        LASTING.extend(program for program in process.running if program not in before)


@pytest.fixture(autouse=True)
def end_what_was_started():
    """Every program a test started ends with it; the servers of the session stay."""
    before = list(process.running)
    yield
    for program in [program for program in process.running if program not in before + LASTING]:
        program.stop()
        process.running.remove(program)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failure shows what every program said last."""
    report = (yield).get_result()
    if report.when == "call" and report.failed:
        for program in process.running:
            report.sections.append((program.name, program.tail()))

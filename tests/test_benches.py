"""The network of benches/side_by_side.py does what its table says."""

import sys
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "benches"))

import pytest  # noqa: E402
from network import OVERTAKEN_MS, Conditions  # noqa: E402

MANY = 200_000


def fates(conditions: Conditions, seed: int = 1, direction: str = "A", count: int = MANY) -> list:
    return list(islice(conditions.fates(seed, direction), count))


@pytest.mark.parametrize("burst", [None, 3])
def test_as_many_packets_are_lost_as_asked_for_and_in_runs_as_long(burst):
    lost = [fate is None for fate in fates(Conditions(loss_percent=5, burst=burst))]
    runs = sum(now and not before for before, now in zip([False, *lost], lost))
    assert sum(lost) / MANY == pytest.approx(0.05, rel=0.05)
    assert sum(lost) / runs == pytest.approx(burst or 1 / 0.95, rel=0.05)


def test_what_happens_to_a_packet_follows_from_seed_direction_and_number():
    bad = Conditions(loss_percent=10, jitter_ms=50)
    assert fates(bad, count=500) == fates(bad, count=500)
    assert fates(bad, count=500) != fates(bad, seed=2, count=500)
    assert fates(bad, count=500) != fates(bad, direction="B", count=500)


def test_what_a_better_network_loses_a_worse_one_loses_too():
    better, worse = (fates(Conditions(loss_percent=percent), count=5000) for percent in (3, 10))
    assert all(ours is None for theirs, ours in zip(better, worse) if theirs is None)


def test_packets_are_late_by_distance_jitter_and_overtaking():
    delays = fates(Conditions(delay_ms=50, jitter_ms=30))
    assert min(delays) >= 0.050 and max(delays) <= 0.080
    assert sum(delays) / MANY == pytest.approx(0.065, rel=0.01)
    held = fates(Conditions(overtaken_percent=10))
    assert set(held) == {0, OVERTAKEN_MS / 1000}
    assert sum(held) / MANY == pytest.approx(OVERTAKEN_MS / 10_000, rel=0.05)

"""What long work shows while it works."""

import pytest

from c360.commands.watch import received
from c360.progress import Received


@pytest.mark.parametrize(
    ("detail", "text"),
    [
        (Received(12_300, 40_000, 6), ": 12,300 of about 40,000, 2,050/s, 0:00:14 left"),
        (Received(300, 0, 3), ": 300, 100/s"),
        (Received(50, 40, 1), ": 50, 50/s"),
        (Received(0, 10, 1), ": 0, 0/s"),
        (Received(0, 10, 0), ""),
        (None, ""),
    ],
)
def test_a_load_shows_its_pace_and_what_is_left(detail: Received | None, text: str) -> None:
    assert received(detail) == text

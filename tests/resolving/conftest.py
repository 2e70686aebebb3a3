"""Small files need few pairs at random: drawing 300,000 of them is most of what they cost."""

from collections.abc import Iterator

import pytest

from c360.identity import learn


@pytest.fixture(autouse=True, scope="module")
def few_random_pairs() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learn, "RANDOM_PAIRS", 20_000)
        yield

"""The chain is one of the links, shortest, and of the shortest the strongest: held against all simple paths."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from c360.chains import Link, shortest_chain

NAMES = "abcdefg"


def made(*links: tuple[str, str, float]) -> list[Link]:
    return [Link(*sorted((left, right)), weight) for left, right, weight in links]


def walked(chain: list[Link], start: str) -> str:
    """Where a chain ends that begins at `start`."""
    for link in chain:
        assert start in (link.left, link.right)
        start = link.other(start)
    return start


def simple_paths(links: list[Link], start: str, end: str, seen: tuple[str, ...] = ()) -> list[tuple[Link, ...]]:
    if start == end:
        return [()]
    onward = [link for link in links if start in (link.left, link.right) and link.other(start) not in (*seen, start)]
    return [(link, *rest) for link in onward for rest in simple_paths(links, link.other(start), end, (*seen, start))]


edges = st.dictionaries(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)).filter(lambda ends: ends[0] < ends[1]),
    st.integers(-40, 80).map(lambda quarters: quarters / 4),
    max_size=14,
)


@given(edges, st.sampled_from(NAMES), st.sampled_from(NAMES))
def test_of_all_paths_the_shortest_and_then_the_strongest(found: dict[tuple[str, str], float], start: str, end: str) -> None:
    links = [Link(*ends, weight) for ends, weight in found.items()]
    chain = shortest_chain(links, [start], [end])
    paths = simple_paths(links, start, end)
    if not paths:
        assert chain is None
        return
    assert chain is not None
    assert walked(list(chain), start) == end
    assert all(link in links for link in chain)
    least = min(map(len, paths))
    assert len(chain) == least
    assert sum(link.weight for link in chain) == max(sum(link.weight for link in p) for p in paths if len(p) == least)
    assert shortest_chain(links[::-1], [start], [end]) == chain


def test_between_sets_the_nearest_records_count() -> None:
    links = made(("a", "b", 1), ("b", "c", 2), ("c", "d", 3))
    assert shortest_chain(links, ["a", "b"], ["d", "c"]) == tuple(made(("b", "c", 2)))
    assert shortest_chain(links, ["a"], ["a", "b"]) == ()
    assert shortest_chain(links, ["a"], ["z"]) is None


def test_of_equal_chains_the_first_by_name() -> None:
    links = made(("a", "x", 5), ("x", "z", 5), ("a", "b", 5), ("b", "z", 5))
    chain = shortest_chain(links, ["a"], ["z"])
    assert [link.left for link in chain] == ["a", "b"]
    assert all({*(one.left, one.right)} & {*(two.left, two.right)} for one, two in pairwise(chain))

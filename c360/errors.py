"""The one family of errors a user meets: what was wanted, what was found, what exists, and a hint."""

from collections.abc import Iterable, Sequence


class C360Error(Exception):
    """Base of all errors c360 raises on purpose; `exit_code` is what the command line ends with."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        self.message = message
        self.hint = hint
        super().__init__(f"{message} Hint: {hint}" if hint else message)


class SettingsError(C360Error):
    """A setting is missing or wrong (exit code 2)."""

    exit_code = 2


class SelectionError(C360Error):
    """A name in `--select` or `read` does not exist (exit code 2)."""

    exit_code = 2


class DecisionsError(C360Error):
    """Decisions of people cannot be taken over as they are (exit code 2); `problems` says why, one sentence each."""

    exit_code = 2

    def __init__(self, message: str, *, hint: str = "", problems: Sequence[str] = ()) -> None:
        self.problems = tuple(problems)
        super().__init__(message, hint=hint)


class ContractError(C360Error):
    """A table function and its contract, or a declaration and its inputs, do not fit (exit code 2)."""

    exit_code = 2


class SourceError(C360Error):
    """A source could not be read completely: refused, unreachable, incomplete, changed shape (exit code 3)."""

    exit_code = 3


class PastDateError(SourceError):
    """A load of a past day was asked of an API, which has no past (exit code 3)."""


class QualityError(C360Error):
    """A blocking (P0) check failed; nothing was published (exit code 4)."""

    exit_code = 4


class LakeError(C360Error):
    """The lake cannot be read or written: damaged, missing, not writable (exit code 5)."""

    exit_code = 5


class LeaseError(C360Error):
    """Another build holds the lake (exit code 6)."""

    exit_code = 6


class ReleaseError(C360Error):
    """A release does not exist, is on hold, or a run would go behind it (exit code 7)."""

    exit_code = 7


def listing(names: Iterable[str], limit: int = 20) -> str:
    """Names for an error message, sorted, cut after `limit` with the number left out."""
    ordered = sorted(names)
    rest = len(ordered) - limit
    return ", ".join(ordered[:limit]) + (f", … ({rest} more)" if rest > 0 else "")

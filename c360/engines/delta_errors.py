"""What can go wrong in a Delta table, in our words: never the library's, which may quote rows."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa
from deltalake.exceptions import CommitFailedError, DeltaError

from c360.errors import LakeError, LeaseError

_RESTORE_HINT = "Run `c360 doctor`; it names what is damaged, and `c360 release rollback` goes back to a whole release."
DISK_HINT = "Check that the lake's path exists, is writable by this user and has space left."
_FOREIGN_ROWS = "validation check"  # delta-rs's words when rows do not fit the predicate; it goes on to quote them
_DISK = re.compile(r"permission denied|read-only|no space|not a directory|could not create|access is denied", re.I)


_FILE = re.compile(r"[^\s\"']+\.parquet")


def damaged_file(error: Exception) -> str:
    """` at <file>` when an engine's error names a data file; nothing else of its text is kept."""
    file = _FILE.search(str(error))
    return f" at {file[0]}" if file else ""


class ConflictError(LeaseError):
    """Somebody else committed to the table since the version this commit was computed from."""


@contextmanager
def lake_errors(doing: str) -> Iterator[None]:
    """Turns errors of delta-rs and the file system into ours; their texts may quote rows, so they are dropped.

    Raises:
        ConflictError: The commit lost against another.
        LakeError: Anything else.
    """
    try:
        yield
    except CommitFailedError:
        raise conflict(doing) from None
    except (DeltaError, OSError, pa.ArrowException) as error:
        raise _explained(doing, error) from None


def missing(table: str) -> LakeError:
    """The error for a table that does not exist."""
    return LakeError(f"There is no table {table} in the lake.", hint="Run `c360 run` to build it.")


def conflict(doing: str) -> ConflictError:
    """The error for a commit that came too late."""
    return ConflictError(f"Somebody else committed while {doing}.", hint="Run again when the other run has ended.")


def foreign_rows(doing: str) -> LakeError:
    """The error for rows outside of the partition they were to replace."""
    wrong = f"Failed {doing}: rows belong to another partition than the one replaced."
    return LakeError(wrong, hint="Replace one partition at a time.")


def _explained(doing: str, error: Exception) -> LakeError:
    if _FOREIGN_ROWS in str(error):
        return foreign_rows(doing)
    hint = DISK_HINT if isinstance(error, PermissionError) or _DISK.search(str(error)) else _RESTORE_HINT
    return LakeError(f"Failed {doing} ({type(error).__name__}).", hint=hint)

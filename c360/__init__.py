"""c360: a Customer 360 lakehouse. `c360.read("gold.fct_monthly_revenue")` opens a released table."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir


def read(table: str, lake: str | None = None) -> "ir.Table":
    """A table as the newest release has it; it stays that version while later releases come.

    What people write (`gold.closed_month`, `silver.identity_review`) is no part of a release and is read as it is now.

    Args:
        table: `layer.name`, or the name alone.
        lake: Root of the lake; default `C360_LAKE`, else `./lake`.

    Returns:
        A lazy Ibis table: `.to_pandas()`, `.to_pyarrow()` and every Ibis expression work on it.

    Raises:
        SelectionError: The release has no such table, or it is in the vault.
        ReleaseError: Nothing has been released yet.
        LakeError: The lake cannot be read.
    """
    from c360.readers import read_released  # `import c360` stays cheap, and free of circles

    return read_released(table, lake)

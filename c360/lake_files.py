"""Plain files beside the tables of a lake (reports), wherever the lake is: a path, `s3://`, `gs://` or `abfss://`."""

from pathlib import Path

from pyarrow.fs import FileSystem

from c360.errors import LakeError

PROBE = "reports/.probe"


def write_text(root: str, path: str, text: str) -> str:
    """Writes a small file under the lake's root and returns its full path.

    Raises:
        LakeError: The lake cannot be reached or written.
    """
    try:
        system, folder = _open(root)
        system.create_dir(f"{folder}/{path}".rsplit("/", 1)[0])
        with system.open_output_stream(f"{folder}/{path}") as stream:
            stream.write(text.encode())
    except OSError as error:
        raise _not_writable(root) from error
    return f"{root.rstrip('/')}/{path}"


def probe(root: str) -> None:
    """Writes and removes a file.

    Raises:
        LakeError: The lake cannot be reached or written.
    """
    write_text(root, PROBE, "")
    system, folder = _open(root)
    try:
        system.delete_file(f"{folder}/{PROBE}")
    except OSError as error:
        raise _not_writable(root) from error


def _open(root: str) -> tuple[FileSystem, str]:
    uri = root if "://" in root else Path(root).absolute().as_uri()
    system, folder = FileSystem.from_uri(uri)
    return system, folder.rstrip("/")


def _not_writable(root: str) -> LakeError:
    return LakeError(
        f"The lake {root} cannot be written.", hint="Check the path, its permissions and the free space, or set C360_LAKE."
    )

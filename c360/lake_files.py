"""Plain files beside the tables of a lake (reports, the demo's mark), wherever the lake is."""

from pathlib import Path

from pyarrow.fs import FileSystem, FileType, LocalFileSystem, S3FileSystem

from c360.errors import LakeError
from c360.storage import Storage, is_url

PROBE = "reports/.probe"


def write_text(root: str, storage: Storage, path: str, text: str) -> str:
    """Writes a small file under the lake's root and returns its full path.

    Raises:
        LakeError: The lake cannot be reached or written.
    """
    try:
        system, folder = _open(root, storage)
        system.create_dir(f"{folder}/{path}".rsplit("/", 1)[0])
        with system.open_output_stream(f"{folder}/{path}") as stream:
            stream.write(text.encode())
    except OSError:
        raise _not_writable(root) from None  # the library's text may hold the request
    return f"{root.rstrip('/')}/{path}"


def read_text(root: str, storage: Storage, path: str) -> str | None:
    """A small file under the lake's root; None where there is none.

    Raises:
        LakeError: The lake cannot be reached.
    """
    try:
        system, folder = _open(root, storage)
        if system.get_file_info(f"{folder}/{path}").type != FileType.File:
            return None
        with system.open_input_stream(f"{folder}/{path}") as stream:
            return bytes(stream.readall()).decode()
    except OSError:
        raise _not_writable(root) from None


def probe(root: str, storage: Storage) -> None:
    """Writes and removes a file.

    Raises:
        LakeError: The lake cannot be reached or written.
    """
    write_text(root, storage, PROBE, "")
    system, folder = _open(root, storage)
    try:
        system.delete_file(f"{folder}/{PROBE}")
    except OSError:
        raise _not_writable(root) from None


def _open(root: str, storage: Storage) -> tuple[FileSystem, str]:
    if not is_url(root):
        return LocalFileSystem(), str(Path(root).absolute())
    system = S3FileSystem(
        access_key=storage.key_id or None,
        secret_key=storage.secret or None,
        session_token=storage.token or None,
        region=storage.region,
        endpoint_override=storage.endpoint or None,
    )
    return system, root.split("://", 1)[1].rstrip("/")


def _not_writable(root: str) -> LakeError:
    return LakeError(
        f"The lake {root} cannot be written.",
        hint="Check the path (or bucket, endpoint and credentials), its permissions and the free space, or set C360_LAKE.",
    )

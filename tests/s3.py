"""An S3 server on loopback in a process of its own (delta-rs holds the interpreter while it waits), and a bucket on it."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

BUCKET = "company"
KEY, SECRET = "demo-key", "demo-secret"


@contextmanager
def serving() -> Iterator[Mapping[str, str]]:
    """Settings `s3_…` that open the server's bucket."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = int(found.getsockname()[1])
    url = f"http://127.0.0.1:{port}"
    command = [str(Path(sys.executable).parent / "moto_server"), "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            _wait_for(url)
            urlopen(Request(f"{url}/{BUCKET}", method="PUT"), timeout=5).close()
            yield {"s3_endpoint": url, "s3_access_key_id": KEY, "s3_secret_access_key": SECRET}
        finally:
            server.kill()


def _wait_for(url: str) -> None:
    for _ in range(200):
        with suppress(URLError, ConnectionError):
            urlopen(url, timeout=2).close()
            return
        time.sleep(0.1)
    raise TimeoutError("the S3 server did not start")

"""Where a lake is and what opens the place: a path, `s3://bucket/folder` with its credentials, or datasets of a warehouse."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from c360.errors import SettingsError

URL = "://"
NAMED = "unity://"
"""Begins a lake of names: tables of a catalog instead of files at a place."""
_S3 = "s3"
_HINT = "Use a path, s3://bucket/folder (any server that speaks S3 and refuses to overwrite when asked to), or unity://catalog/prefix."


@dataclass(frozen=True)
class Warehouse:
    """Where tables are that are kept in datasets, not in files (BigQuery).

    Attributes:
        project: Google Cloud project of the datasets, which pays for the jobs.
        location: Location of the datasets.
        dataset: What the names of all datasets begin with.
        endpoint: URL of a server that speaks BigQuery's REST; empty for Google.
        credentials_file: Key of a service account; empty for the machine's own credentials.
        maximum_bytes: Bytes a query may bill; 0 for no limit.
    """

    project: str = ""
    location: str = "US"
    dataset: str = "c360"
    endpoint: str = ""
    credentials_file: str = ""
    maximum_bytes: int = 0


@dataclass(frozen=True)
class Storage:
    """What opens a lake: credentials for `s3://`, nothing for a path, a warehouse for engines that keep tables in one.

    Attributes:
        endpoint: URL of the server; empty for AWS.
        region: Region of the bucket.
        key_id: Access key id.
        secret: Secret access key; never shown.
        token: Session token of temporary credentials; never shown.
        warehouse: Where the tables are, for engines that keep them there.
        memory: Most memory the embedded engine takes (`4GB`); empty for its default.
        threads: Threads it computes with; 0 for one per core.
    """

    endpoint: str = ""
    region: str = "us-east-1"
    key_id: str = ""
    secret: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    warehouse: Warehouse = Warehouse()
    memory: str = ""
    threads: int = 0

    @property
    def is_encrypted(self) -> bool:
        """Whether the connection is HTTPS."""
        return not self.endpoint.startswith("http:")

    @property
    def host(self) -> str:
        """`host:port` of the endpoint."""
        return urlsplit(self.endpoint).netloc

    def options(self) -> Mapping[str, str]:
        """What delta-rs calls these; a commit is a put that fails where the file exists already."""
        given = {
            "aws_endpoint_url": self.endpoint,
            "aws_region": self.region,
            "aws_access_key_id": self.key_id,
            "aws_secret_access_key": self.secret,
            "aws_session_token": self.token,
            "aws_conditional_put": "etag",
            "aws_allow_http": "" if self.is_encrypted else "true",
        }
        return {name: value for name, value in given.items() if value}


LOCAL = Storage()
"""Of a lake at a path."""


def is_url(root: str) -> bool:
    """Whether a lake is not a path of this machine."""
    return URL in root


def is_named(root: str) -> bool:
    """Whether a lake is tables by name."""
    return root.startswith(NAMED)


def refuse_unknown(root: str) -> None:
    """Raises SettingsError for a lake at a URL of a kind that is not supported."""
    scheme = urlsplit(root).scheme if is_url(root) and not is_named(root) else ""
    if scheme not in ("", _S3):
        raise SettingsError(f"A lake at {scheme}:// is not supported.", hint=_HINT)


def absolute(root: str) -> str:
    """The root with a relative path made absolute."""
    return root if is_url(root) else str(Path(root).resolve())

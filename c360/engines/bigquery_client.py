"""The connection to BigQuery: project, location, credentials, labels, a limit on bytes; and errors in our words."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from google.api_core.client_options import ClientOptions
from google.api_core.exceptions import GoogleAPICallError, NotFound
from google.auth.credentials import AnonymousCredentials, Credentials
from google.auth.exceptions import GoogleAuthError
from google.cloud import bigquery
from google.oauth2 import service_account

from c360.engines.delta_errors import conflict
from c360.errors import LakeError, SettingsError
from c360.storage import Warehouse

CONFLICT = "c360: somebody else committed"
"""What a transaction raises when the version it was computed from is no longer the newest."""

_MAX_LABEL = 63
_NOT_IN_LABELS = re.compile(r"[^a-z0-9_-]")
_CONCURRENT = ("aborted due to concurrent update", "could not serialize access", CONFLICT)
_SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
_HINT = "Look the job up in the console of the project; `c360 doctor` tries what is needed."
_ACCESS_HINT = "Check C360_BIGQUERY_PROJECT and the rights of the account: BigQuery Data Editor and BigQuery Job User."


def connect(place: Warehouse) -> bigquery.Client:
    """A client of the place; nothing is asked of it yet.

    Raises:
        SettingsError: The project is not set, or there are no credentials.
    """
    if not place.project:
        raise SettingsError("C360_BIGQUERY_PROJECT is not set.", hint="Set it to the Google Cloud project that pays for jobs.")
    options = ClientOptions(api_endpoint=place.endpoint) if place.endpoint else None
    client = bigquery.Client(
        project=place.project, location=place.location, credentials=credentials(place), client_options=options
    )
    limit = {"maximum_bytes_billed": place.maximum_bytes} if place.maximum_bytes else {}
    client.default_query_job_config = bigquery.QueryJobConfig(labels=labels(app="c360"), **limit)
    return client


def credentials(place: Warehouse) -> Credentials:
    """Those of the file, else those of the machine; none for a server that is not Google's.

    Raises:
        SettingsError: There are none, or the file cannot be read.
    """
    if place.endpoint:
        return AnonymousCredentials()  # type: ignore[no-untyped-call]
    try:
        if place.credentials_file:
            return service_account.Credentials.from_service_account_file(place.credentials_file, scopes=_SCOPES)  # type: ignore[no-untyped-call]
        return _of_the_machine()
    except (GoogleAuthError, OSError, ValueError):
        hint = "Run `gcloud auth application-default login`, or set C360_BIGQUERY_CREDENTIALS_FILE to a service account's key."
        raise SettingsError("There are no credentials for BigQuery.", hint=hint) from None


def labels(**given: str) -> dict[str, str]:
    """Labels as BigQuery takes them: lower case, no other signs than `-` and `_`, at most 63 characters; empty ones left out."""
    return {name: _NOT_IN_LABELS.sub("_", value.lower())[:_MAX_LABEL] for name, value in given.items() if value}


def labels_of(record: Mapping[str, Any], table: str) -> dict[str, str]:
    """Labels of the jobs of a build."""
    return labels(app="c360", table=table, run=str(record.get("run_id", "")))


@contextmanager
def bigquery_errors(doing: str) -> Iterator[None]:
    """Turns BigQuery's errors into ours; their texts may quote values, so only reason and job are kept.

    Raises:
        ConflictError: A transaction lost against another.
        LakeError: Anything else.
    """
    try:
        yield
    except GoogleAPICallError as error:
        if any(words in str(error).lower() for words in _CONCURRENT):
            raise conflict(doing) from None
        hint = _ACCESS_HINT if error.code in (401, 403) or isinstance(error, NotFound) else _HINT
        raise LakeError(f"Failed {doing} ({_reason(error)}).", hint=hint) from None
    except (GoogleAuthError, OSError) as error:
        raise LakeError(f"Failed {doing} ({type(error).__name__}).", hint=_ACCESS_HINT) from None


def _of_the_machine() -> Credentials:
    import google.auth  # here, for its name hides the package's others

    found, _ = google.auth.default(scopes=_SCOPES)
    return found


def _reason(error: GoogleAPICallError) -> str:
    reasons = [str(one.get("reason", "")) for one in error.errors if isinstance(one, Mapping)]
    job = re.search(r"Job ID: ([\w.:-]+)", str(error))
    parts = [next((r for r in reasons if r), type(error).__name__), f"job {job[1]}" if job else ""]
    return ", ".join(part for part in parts if part)

"""A session with a Salesforce organisation: OAuth token, retries, and plain http for loopback servers only."""

from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce
from urllib3.util import Retry

from c360.errors import SourceError
from c360.settings import Settings, variable

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_TIMEOUT_SECONDS = 60
_LOGIN_HINT = (
    f"Check {variable('salesforce_client_id')}, {variable('salesforce_client_secret')} and the user's name, password and "
    "security token, and that the connected app allows this flow."
)


class _Adapter(HTTPAdapter):
    """Waits at most a minute for each answer."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs["timeout"] = kwargs.get("timeout") or _TIMEOUT_SECONDS
        return super().send(request, *args, **kwargs)


class _PlainHttpAdapter(_Adapter):
    """simple-salesforce builds https addresses only; a server on loopback speaks http."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        request.url = f"http://{str(request.url).removeprefix('https://')}"
        return super().send(request, *args, **kwargs)


def connect(settings: Settings) -> tuple[Salesforce, str]:
    """Logs in.

    Returns:
        The client, and the organisation's id (15 or 18 characters; empty where the login does not say it).

    Raises:
        SettingsError: A credential is not set.
        SourceError: The login is refused or not reachable.
    """
    session = requests.Session()
    retries = Retry(
        total=5, backoff_factor=0.5, backoff_jitter=0.5, status_forcelist=(429, 500, 502, 503, 504), raise_on_status=False
    )
    session.mount("https://", _Adapter(max_retries=retries))
    session.mount("http://", _Adapter(max_retries=retries))
    answer = _token(session, settings)
    instance = str(answer["instance_url"])
    parts = urlsplit(instance)
    if parts.scheme == "http":
        if parts.hostname not in _LOOPBACK:
            raise SourceError(f"Salesforce names the instance {instance}, which is not https.", hint="Check the login URL.")
        session.mount(f"https://{parts.netloc}", _PlainHttpAdapter(max_retries=retries))
    client = Salesforce(
        instance_url=instance, session_id=str(answer["access_token"]), session=session, version=settings.salesforce_api_version
    )
    identity = urlsplit(str(answer.get("id", ""))).path.split("/")  # /id/<organisation>/<user>
    return client, identity[2] if len(identity) > 2 else ""


def _token(session: requests.Session, settings: Settings) -> dict[str, Any]:
    try:
        response = session.post(f"{settings.salesforce_url}/services/oauth2/token", data=_grant(settings))
    except requests.RequestException as error:
        hint = f"Check the network and {variable('salesforce_url')}."
        raise SourceError(f"Salesforce is not reachable at {settings.salesforce_url}.", hint=hint) from error
    answer = _json(response)
    if not response.ok or "access_token" not in answer or "instance_url" not in answer:
        reason = answer.get("error", "no token in the answer")
        raise SourceError(f"Salesforce refused the login (HTTP {response.status_code}, {reason}).", hint=_LOGIN_HINT)
    return answer


def _grant(settings: Settings) -> dict[str, str]:
    client = {
        "client_id": settings.required("salesforce_client_id"),
        "client_secret": settings.required("salesforce_client_secret"),
    }
    if not settings.salesforce_username:
        return {"grant_type": "client_credentials", **client}
    password = settings.required("salesforce_password") + settings.salesforce_security_token.get_secret_value()
    return {"grant_type": "password", "username": settings.salesforce_username, "password": password, **client}


def _json(response: requests.Response) -> dict[str, Any]:
    try:
        answer = response.json()
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}

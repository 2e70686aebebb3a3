"""A session with a Salesforce organisation: OAuth token, time-outs, and plain http for loopback servers only."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import jwt
import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce
from urllib3.exceptions import InvalidHeader
from urllib3.util import Retry

from c360.errors import SettingsError, SourceError
from c360.settings import Settings, variable
from c360.sources.http import refuse_skew
from c360.sources.salesforce_errors import PassingError

JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_PASSING = frozenset({429, 500, 502, 503, 504})
_JWT_LIFETIME = timedelta(minutes=3)  # Salesforce's longest is five; clocks differ
_LOGIN_HINT = (
    f"Check {variable('salesforce_client_id')}, {variable('salesforce_client_secret')} and the user's name, password and "
    "security token, and that the connected app allows this flow."
)


class _Adapter(HTTPAdapter):
    """Waits for each part of an answer for so long only, and makes passing failures errors that know their `Retry-After`."""

    def __init__(self, timeout_seconds: float, *, is_plain: bool = False) -> None:
        super().__init__()
        self._timeout_seconds = timeout_seconds
        self._is_plain = is_plain

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        if self._is_plain:  # simple-salesforce builds https addresses only; a server on loopback speaks http
            request.url = f"http://{str(request.url).removeprefix('https://')}"
        kwargs["timeout"] = kwargs.get("timeout") or self._timeout_seconds
        response = super().send(request, *args, **kwargs)
        if response.status_code in _PASSING:
            raise PassingError(response.status_code, _json(response), _retry_after(response))
        return response


def connect(settings: Settings, timeout_seconds: float) -> tuple[Salesforce, str]:
    """Logs in.

    Returns:
        The client, and the organisation's id (15 or 18 characters; empty where the login does not say it).

    Raises:
        SettingsError: A credential is not set.
        SourceError: The login is refused.
        requests.RequestException: It failed in passing.
    """
    session = requests.Session()
    session.mount("https://", _Adapter(timeout_seconds))
    session.mount("http://", _Adapter(timeout_seconds))
    answer = _token(session, settings)
    instance = str(answer["instance_url"])
    parts = urlsplit(instance)
    if parts.scheme == "http":
        if parts.hostname not in _LOOPBACK:
            raise SourceError(f"Salesforce names the instance {instance}, which is not https.", hint="Check the login URL.")
        session.mount(f"https://{parts.netloc}", _Adapter(timeout_seconds, is_plain=True))
    client = Salesforce(
        instance_url=instance, session_id=str(answer["access_token"]), session=session, version=settings.salesforce_api_version
    )
    identity = urlsplit(str(answer.get("id", ""))).path.split("/")  # /id/<organisation>/<user>
    return client, identity[2] if len(identity) > 2 else ""


def _token(session: requests.Session, settings: Settings) -> dict[str, Any]:
    response = session.post(f"{settings.salesforce_url}/services/oauth2/token", data=_grant(settings))
    if response.ok:
        response.json()  # half an answer is no refusal
    content = _json(response)
    answer = content if isinstance(content, dict) else {}
    if not response.ok or "access_token" not in answer or "instance_url" not in answer:
        reason = answer.get("error", "no token in the answer")
        raise SourceError(f"Salesforce refused the login (HTTP {response.status_code}, {reason}).", hint=_LOGIN_HINT)
    refuse_skew(response.headers.get("Date"), "Salesforce")
    return answer


def _grant(settings: Settings) -> dict[str, str]:
    client_id = settings.required("salesforce_client_id")
    if key := _private_key(settings):
        return {"grant_type": JWT_GRANT, "assertion": _assertion(settings, client_id, key)}
    client = {"client_id": client_id, "client_secret": settings.required("salesforce_client_secret")}
    if not settings.salesforce_username:
        return {"grant_type": "client_credentials", **client}
    password = settings.required("salesforce_password") + settings.salesforce_security_token.get_secret_value()
    return {"grant_type": "password", "username": settings.salesforce_username, "password": password, **client}


def _private_key(settings: Settings) -> str:
    if settings.salesforce_private_key_file is None:
        return settings.salesforce_private_key.get_secret_value().replace("\\n", "\n")  # .env files often have one line
    try:
        return settings.salesforce_private_key_file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        name = variable("salesforce_private_key_file")
        raise SettingsError(f"The file of {name} cannot be read.", hint="Check its path and its rights.") from error


def _assertion(settings: Settings, client_id: str, key: str) -> str:
    """A signed statement that this app speaks for the user. Time of the one clock, so that the demo's servers agree."""
    claims = {
        "iss": client_id,
        "sub": settings.required("salesforce_username"),
        "aud": _audience(settings.salesforce_url),
        "exp": settings.clock() + _JWT_LIFETIME,
    }
    try:
        return jwt.encode(claims, key, algorithm="RS256")
    except (ValueError, TypeError, jwt.PyJWTError):  # whose texts may hold parts of the key
        hint = "It begins with -----BEGIN PRIVATE KEY----- and has no passphrase."
        raise SettingsError(f"{variable('salesforce_private_key')} is no RSA key in PEM.", hint=hint) from None


def _audience(url: str) -> str:
    """The authorisation server as Salesforce wants it named: not by My Domain."""
    host = urlsplit(url).hostname or ""
    if not host.endswith(".my.salesforce.com"):
        return url
    return "https://test.salesforce.com" if ".sandbox." in host else "https://login.salesforce.com"


def _json(response: requests.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def _retry_after(response: requests.Response) -> float | None:
    text = response.headers.get("Retry-After")
    try:
        return None if text is None else float(Retry().parse_retry_after(text))
    except InvalidHeader:
        return None

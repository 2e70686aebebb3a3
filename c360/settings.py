"""The only reader of the environment: every setting, its variable, its default and what it means; and the one clock."""

import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from datetime import UTC, date, datetime, time
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from dotenv import dotenv_values
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from c360.errors import SettingsError
from c360.storage import Storage, Warehouse, is_named, is_url, refuse_unknown

PREFIX = "C360_"
ENV_FILE = ".env"
MINIMUM_SECRET_BYTES = 32
EMPTY = SecretStr("")
_HOURS_EXAMPLE = "30,stripe=26"
_NUMBER_LIST_EXAMPLE = "BE-001=0.02,SE-001.match_rate=0.985"

_FIELD = re.compile(r"[A-Za-z]\w*\.[A-Za-z]\w*")


def _names(value: Any) -> Any:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _thresholds(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    pairs = [part.split("=", 1) for part in _names(value)]
    if any(len(pair) != 2 for pair in pairs):
        raise ValueError(f"expected pairs like {_NUMBER_LIST_EXAMPLE}")
    return {name.strip(): number.strip() for name, number in pairs}


def _hours(value: Any) -> Any:
    """`30,stripe=26` as {"": 30, "stripe": 26}: the number without a name is for all others."""
    if isinstance(value, int | float):
        return {"": value}
    if not isinstance(value, str):
        return value
    parts = [part.rpartition("=") for part in _names(value)]
    if any(is_named and not name.strip() for name, is_named, _ in parts):
        raise ValueError(f"expected hours like {_HOURS_EXAMPLE}")
    return {name.strip(): hours.strip() for name, _, hours in parts}


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ValueError, OSError) as error:  # ZoneInfoNotFoundError is a KeyError of another family on some platforms
        raise ValueError("no such IANA time zone; for example UTC or America/New_York") from error
    except KeyError as error:
        raise ValueError("no such IANA time zone; for example UTC or America/New_York") from error
    return value


def _url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("expected a URL like https://host")
    if parts.scheme == "http" and parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
        raise ValueError("plain http is allowed for this machine (127.0.0.1) only; use https")
    return value.rstrip("/")


def _fields(names: list[str]) -> list[str]:
    if any(not _FIELD.fullmatch(name) for name in names):
        raise ValueError("expected fields with their objects like Account.Secret__c,Contact.Birthdate")
    return names


Names = Annotated[list[str], NoDecode, BeforeValidator(_names)]
Fields = Annotated[list[str], NoDecode, BeforeValidator(_names), AfterValidator(_fields)]
Thresholds = Annotated[dict[str, float], NoDecode, BeforeValidator(_thresholds)]
Hours = Annotated[dict[str, Annotated[float, Field(gt=0)]], NoDecode, BeforeValidator(_hours)]


def _url_or_none(value: str) -> str:
    return _url(value) if value else ""


Zone = Annotated[str, AfterValidator(_zone)]
Url = Annotated[str, AfterValidator(_url)]


class Settings(BaseSettings):
    """All settings. Each comes from the variable `C360_<NAME>`, or from `.env` in the working directory."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=ENV_FILE, env_file_encoding="utf-8", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    engine: str = Field(
        "duckdb", pattern=r"^[a-z]+$", description="Engine that builds: duckdb (embedded) or spark, both on Delta; or bigquery."
    )
    lake: str = Field(
        "./lake",
        min_length=1,
        description="Root of the lake: a path, s3://bucket/folder, or unity://catalog/prefix (tables by name, Spark only).",
    )
    duckdb_memory: str = Field(
        "", pattern=r"^(\d+(\.\d+)?(MB|GB|MiB|GiB))?$", description="Most memory DuckDB takes, like 4GB; empty for 80 % of it."
    )
    duckdb_threads: int = Field(0, ge=0, description="Threads DuckDB computes with; 0 for one per core.")
    files: str = Field(
        "", description="Folder for the reports of a lake of names, for example /Volumes/main/c360/files; other lakes hold them."
    )
    s3_endpoint: Annotated[str, AfterValidator(_url_or_none)] = Field(
        "", description="URL of the S3 server of a lake at s3://; empty for AWS."
    )
    s3_region: str = Field("us-east-1", pattern=r"^[a-z0-9-]+$", description="Region of that bucket.")
    s3_access_key_id: str = Field("", description="Access key id for that bucket.")
    s3_secret_access_key: SecretStr = Field(EMPTY, description="Secret access key for that bucket.")
    s3_session_token: SecretStr = Field(EMPTY, description="Session token, where the credentials are temporary.")
    bigquery_project: str = Field("", description="Google Cloud project of BigQuery's tables, which pays for the jobs.")
    bigquery_location: str = Field("US", pattern=r"^[A-Za-z0-9-]+$", description="Location of the datasets, like EU or us-east1.")
    bigquery_dataset: str = Field(
        "c360",
        pattern=r"^[a-z][a-z0-9_]{0,99}$",
        description="Beginning of the datasets' names, like c360 in c360_gold.",
    )
    bigquery_credentials_file: str = Field(
        "", description="Key file of a service account; empty for the machine's own credentials."
    )
    bigquery_endpoint: Annotated[str, AfterValidator(_url_or_none)] = Field(
        "", description="URL of an emulator of BigQuery, asked without credentials; empty for Google."
    )
    bigquery_maximum_gib: int = Field(
        0, ge=0, description="GiB a query may bill on BigQuery, else it is refused; 0 for no limit."
    )
    bigquery_usd_per_tib: float = Field(6.25, ge=0, description="USD per TiB read on BigQuery, for the estimates of `c360 plan`.")
    token_secret: SecretStr = Field(
        EMPTY,
        description="Key of the tokens that stand for e-mails, names and phones; at least 32 bytes. Keep it.",
    )
    token_key_id: str = Field(
        "k1", pattern=r"^[a-z0-9]{1,16}$", description="Name of that key inside the tokens; change it with the key."
    )

    stripe_api_key: SecretStr = Field(
        EMPTY, description="Restricted Stripe API key (rk_…) with read access to the exported objects."
    )
    stripe_further_api_keys: SecretStr = Field(EMPTY, description="Keys of further Stripe accounts, separated by commas.")
    stripe_url: Url = Field("https://api.stripe.com", description="Base URL of Stripe's API.")
    stripe_account: str = Field("", description="Stripe account id (acct_…); asked of the API when empty.")
    stripe_livemode: bool = Field(True, description="Whether live records are read (true) or test records (false).")
    stripe_requests_per_second: float = Field(
        24.0, gt=0, description="Highest request rate per Stripe endpoint; Stripe's own limit is 25 in a sandbox, 100 live."
    )
    stripe_account_requests_per_second: float = Field(
        0.0, ge=0, description="Highest request rate to the Stripe account, all endpoints together; 0 for four times that of one."
    )
    stripe_lists_at_once: int = Field(
        4,
        ge=1,
        le=10,
        description="Lists of a first load received at the same time, within these rates; 1 for less memory.",
    )
    stripe_max_retries: int = Field(
        5, ge=0, le=20, description="How often the Stripe client repeats a request that failed in passing."
    )
    stripe_page_size: int = Field(100, ge=1, le=100, description="Records per page of a Stripe list.")
    stripe_webhook_secrets: SecretStr = Field(
        EMPTY, description="Signing secret (whsec_…) of the webhook endpoint; two, separated by a comma, while it is rotated."
    )

    salesforce_url: Url = Field(
        "https://login.salesforce.com",
        description="Salesforce login URL: your My Domain, login.salesforce.com, or test.salesforce.com.",
    )
    salesforce_client_id: str = Field("", description="Consumer key of the connected app.")
    salesforce_client_secret: SecretStr = Field(EMPTY, description="Consumer secret of the connected app.")
    salesforce_username: str = Field("", description="User for the password or JWT flow; empty for the client-credentials flow.")
    salesforce_password: SecretStr = Field(EMPTY, description="Password of that user.")
    salesforce_security_token: SecretStr = Field(
        EMPTY, description="Security token of that user, where the organisation asks for it."
    )
    salesforce_private_key: SecretStr = Field(
        EMPTY, description="Private key (PEM) whose certificate the connected app has; with it that user logs in by a signed JWT."
    )
    salesforce_private_key_file: Path | None = Field(None, description="File with that key, in place of the key itself.")
    salesforce_api_version: str = Field("64.0", pattern=r"^\d{2,3}\.0$", description="Salesforce REST API version.")
    salesforce_account_email_field: str = Field(
        "Billing_Email__c",
        pattern=r"^[A-Za-z]\w*$",
        description="Account field with the billing e-mail; a field that does not exist is left out.",
    )
    salesforce_account_billable_field: str = Field(
        "Is_Billable__c",
        pattern=r"^[A-Za-z]\w*$",
        description="Account flag that says it is billed in Stripe; a field that does not exist is left out.",
    )
    salesforce_currency: str = Field(
        "",
        pattern=r"^([A-Za-z]{3})?$",
        description="Currency of an organisation without multiple currencies (ISO 4217); its records do not name one.",
    )
    salesforce_page_size: int = Field(2000, ge=200, le=2000, description="Records per page of a Salesforce query.")
    salesforce_fields_only: Fields = Field(
        [], description="Fields to read beside those tables need, like Account.Region__c; of objects not named here, all."
    )
    salesforce_fields_never: Fields = Field(
        [], description="Fields that are never asked for, like Account.Secret__c,Contact.Birthdate."
    )
    salesforce_bulk_above: int = Field(
        2000, ge=0, description="Lists of more records than this are read by Bulk API 2.0, shorter ones by queries."
    )
    salesforce_bulk_page_size: int = Field(10_000, ge=1, le=50_000, description="Records per page of a bulk job's results.")
    salesforce_max_retries: int = Field(
        5, ge=0, le=20, description="How often a request to Salesforce that failed in passing is repeated."
    )
    salesforce_requests_per_second: float = Field(25.0, gt=0, description="Highest request rate to Salesforce.")
    salesforce_lists_at_once: int = Field(
        2,
        ge=1,
        le=5,
        description="Lists of a first load received at the same time, within this rate; 1 for less memory.",
    )
    salesforce_minimum_requests_left: int = Field(
        500, ge=0, description="A load does not start with fewer daily API requests left than this."
    )

    plugins: Names = Field([], description="Further packages laid out like c360, separated by commas.")
    history_months: int = Field(12, ge=1, le=120, description="Months of invoices, charges and other history of the first load.")
    spool: str = Field(
        "",
        description="Folder for what an unfinished load has received, so that the next goes on; empty: in a lake at a path, else "
        "in your cache folder.",
    )
    full_listing_days: int = Field(
        7,
        ge=1,
        description="Days after which everything is listed again; in between sources are asked what changed.",
    )
    metadata_key: str = Field(
        "salesforce_account_id", min_length=1, description="Key of Stripe metadata that may hold a Salesforce account id."
    )

    reporting_currency: str = Field("usd", pattern=r"^[a-z]{3}$", description="Lower-case ISO 4217 code gold converts to.")
    reporting_zone: Zone = Field("UTC", description="IANA zone that decides the day and month of an instant.")
    fiscal_start_month: int = Field(1, ge=1, le=12, description="First month of the fiscal year.")
    fx_rates_file: Path | None = Field(
        None,
        description="Exchange rates in the European Central Bank's layout (eurofxref-hist.csv); needed when currencies differ.",
    )
    late_after_days: int = Field(2, ge=0, description="An event older than this many days when first seen is late-arriving.")
    identity_model: Path | None = Field(
        None, description="Model of who is who (`c360 identity train` writes one); empty for the default one."
    )
    link_probability: float = Field(0.5, ge=0.01, le=1, description="Least probability of a link between two records.")
    match_confidence: float = Field(0.95, gt=0, le=1, description="Confidence from which an account counts as matched.")
    match_rate: float = Field(0.98, ge=0, le=1, description="Share of expected accounts that must be matched (SE-001).")

    thresholds: Thresholds = Field(
        {}, description=f"Thresholds of quality expectations that differ from the defaults, like {_NUMBER_LIST_EXAMPLE}."
    )
    load_deadline: time = Field(
        time(2, 0), description="UTC time on the day after by which a scheduled load must have landed (BE-004)."
    )
    freshness_warn_hours: Hours = Field(
        {}, description=f"Age in hours from which `c360 freshness` warns, 26 where not set; by source like {_HOURS_EXAMPLE}."
    )
    freshness_error_hours: Hours = Field(
        {}, description=f"Age in hours from which `c360 freshness` fails, 50 where not set; by source like {_HOURS_EXAMPLE}."
    )
    lease_minutes: int = Field(
        30, ge=1, le=1440, description="Minutes after which another build may take over an abandoned lease."
    )

    now: AwareDatetime | None = Field(None, description="Fixed time for demos and tests; empty for the real clock.")

    @classmethod
    def load(cls, **overrides: Any) -> Self:
        """Settings from the environment and `.env`; `overrides` win.

        Raises:
            SettingsError: A value is wrong, or `.env` names a setting that does not exist.
        """
        _refuse_unknown(cls, dotenv_values(ENV_FILE))
        try:
            return cls(**overrides)
        except ValidationError as error:
            raise _settings_error(error) from None  # pydantic's own text repeats the values

    def clock(self) -> datetime:
        """The present instant, UTC: the one clock of the product. `C360_NOW` overrides it."""
        return (self.now or datetime.now(UTC)).astimezone(UTC)

    def today(self) -> date:
        """The UTC day of `clock()`: the load date of a load that starts now."""
        return self.clock().date()

    def opening(self) -> dict[str, Any]:
        """The settings that a lake at a URL, of names or in BigQuery needs beside it, as far as they are set."""
        needed = [name for name in self.model_fields_set if name.startswith(("s3_", "bigquery_")) or name == "files"]
        return {name: getattr(self, name) for name in needed}

    def files_root(self) -> str:
        """Root of the lake's plain files: the lake's own, or the folder a lake of names has for them.

        Raises:
            SettingsError: The lake is one of names, and there is no folder.
        """
        return self.required("files") if is_named(self.lake) else self.lake

    def asks(self, system: str) -> dict[str, Any]:
        """The settings that decide which records a source gives and what is in them."""
        names = {
            "stripe": ("stripe_livemode",),
            "salesforce": (
                "salesforce_fields_only",
                "salesforce_fields_never",
                "salesforce_account_email_field",
                "salesforce_account_billable_field",
            ),
        }
        return {name: getattr(self, name) for name in names.get(system, ())}

    def spool_folder(self) -> Path:
        """Where unfinished loads of this lake are kept."""
        if not self.spool and not is_url(self.lake):
            return Path(self.lake) / "_spool"
        base = Path(self.spool) if self.spool else Path.home() / ".cache" / "c360" / "spool"
        return base / sha256(self.lake.encode()).hexdigest()[:16]

    def warehouse(self) -> Warehouse:
        """Where engines keep tables that do not keep them in the lake's folder."""
        return Warehouse(
            project=self.bigquery_project,
            location=self.bigquery_location,
            dataset=self.bigquery_dataset,
            endpoint=self.bigquery_endpoint,
            credentials_file=self.bigquery_credentials_file,
            maximum_bytes=self.bigquery_maximum_gib * 2**30,
        )

    def storage(self) -> Storage:
        """What opens the lake, wherever it is.

        Raises:
            SettingsError: It is at a URL of a kind that is not supported.
        """
        refuse_unknown(self.lake)
        shared = Storage(warehouse=self.warehouse(), memory=self.duckdb_memory, threads=self.duckdb_threads)
        if not is_url(self.lake) or is_named(self.lake):
            return shared
        if bool(self.s3_access_key_id) != bool(self.s3_secret_access_key.get_secret_value()):
            raise SettingsError(
                "Of the S3 key only one half is set.", hint="Set C360_S3_ACCESS_KEY_ID and C360_S3_SECRET_ACCESS_KEY."
            )
        return replace(
            shared,
            endpoint=str(self.s3_endpoint),
            region=self.s3_region,
            key_id=self.s3_access_key_id,
            secret=self.s3_secret_access_key.get_secret_value(),
            token=self.s3_session_token.get_secret_value(),
        )

    def token_key(self) -> bytes:
        """The token secret.

        Raises:
            SettingsError: It is missing or shorter than 32 bytes.
        """
        key = self.token_secret.get_secret_value().encode()
        if len(key) < MINIMUM_SECRET_BYTES:
            state = "is not set" if not key else f"has {len(key)} bytes"
            raise SettingsError(
                f"{PREFIX}TOKEN_SECRET {state}; tokens need at least {MINIMUM_SECRET_BYTES} bytes.",
                hint=f'Add {PREFIX}TOKEN_SECRET to .env; python -c "import secrets; print(secrets.token_hex(32))" makes one.',
            )
        return key

    def required(self, name: str) -> str:
        """A setting's text, secrets included.

        Raises:
            SettingsError: It is empty.
        """
        value = getattr(self, name)
        text = value.get_secret_value() if isinstance(value, SecretStr) else str(value or "")
        if not text:
            raise SettingsError(f"{variable(name)} is not set.", hint=f"{described(name)} `c360 init` writes a .env to fill in.")
        return text


_in_use: ContextVar[Settings] = ContextVar("settings")


@contextmanager
def using(settings: Settings) -> Iterator[None]:
    """Makes `settings` the `current()` ones for the body (the demo, tests, flows started from code)."""
    token = _in_use.set(settings)
    try:
        yield
    finally:
        _in_use.reset(token)


def current() -> Settings:
    """The settings in use: those of `using`, else those of the environment.

    Raises:
        SettingsError: A value is wrong.
    """
    return _in_use.get(None) or Settings.load()


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"{PREFIX}{name.upper()}"


def described(name: str) -> str:
    """The one-sentence description of a setting."""
    return Settings.model_fields[name].description or ""


def new_secret() -> str:
    """A fresh token secret (64 hexadecimal digits)."""
    return secrets.token_hex(MINIMUM_SECRET_BYTES)


def _refuse_unknown(settings: type[Settings], given: Mapping[str, str | None]) -> None:
    known = {variable(name) for name in settings.model_fields}
    for name in sorted(given):
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            raise SettingsError(f"{ENV_FILE} sets {name}, which is no setting.", hint="`c360 init` lists all settings.")


def _settings_error(error: ValidationError) -> SettingsError:
    first = error.errors(include_input=False, include_url=False)[0]
    name = str(first["loc"][0]).lower()
    reason = str(first["msg"]).removeprefix("Value error, ")
    hint = f"{described(name)} Mend it in the environment or in {ENV_FILE}." if name in Settings.model_fields else ""
    return SettingsError(f"{variable(name)} is wrong: {reason}.", hint=hint)

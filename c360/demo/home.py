"""The demo's corner of its lake: whose lake it is, what the demo keeps there, and that no real account comes into it."""

import hashlib
from pathlib import Path
from typing import Any, Self

from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from c360.engines import IN_WAREHOUSE
from c360.env_file import secret_in
from c360.errors import SettingsError
from c360.lake_files import read_text
from c360.settings import ENV_FILE, Settings
from c360.storage import is_url

MARK = "demo/company.json"
"""In a lake: that it is the demo's, and of which company."""
DEMO_SUFFIX = "_demo"
"""What the demo adds to the beginning of its datasets' names in a warehouse."""


class DemoSettings(Settings):
    """Settings of the demo's own runs: what the demo sets, and defaults; environment and `.env` speak of real accounts."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  # pydantic's signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # not read, which is the point
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # likewise
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # likewise
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what the code gives."""
        return (init_settings,)

    @classmethod
    def load(cls, **overrides: Any) -> Self:
        """These settings; a `.env` is not even looked at."""
        return cls(**overrides)


def home(lake: str) -> Path:
    """Folder of the demo's own files: in its lake, or in the working directory for a lake at a URL."""
    if is_url(lake):
        return Path(".c360-demo") / hashlib.sha256(lake.rstrip("/").encode()).hexdigest()[:12]
    return Path(lake) / "demo"


def marker(lake: str) -> Path:
    """File that says that a lake is the demo's, and of which company."""
    return home(lake) / "company.json"


def rates_file(lake: str) -> Path:
    """The company's exchange rates."""
    return home(lake) / "fx_rates.csv"


def secret_file(lake: str) -> Path:
    """A `.env` with the token secret of the demo's lake."""
    return home(lake) / ENV_FILE


def own_settings(lake: str) -> dict[str, Any]:
    """What a build of the demo's lake takes from there, for it was made with it: secret and rates. Nothing for other lakes."""
    if not marker(lake).exists():
        return {}
    secret = secret_in(secret_file(lake))
    return {"fx_rates_file": rates_file(lake), **({"token_secret": secret} if secret else {})}


def claimed(settings: Settings) -> bool:
    """Whether a lake is the demo's: it says so itself, also to other machines."""
    if settings.engine in IN_WAREHOUSE and settings.bigquery_dataset.endswith(DEMO_SUFFIX):
        return True
    if is_url(settings.lake):
        return read_text(settings.files_root(), settings.storage(), MARK) is not None
    return marker(settings.lake).exists()


def refuse_real_accounts(settings: Settings) -> None:
    """Keeps everything but the demo's company out of the demo's lake.

    Raises:
        SettingsError: The lake is the demo's, and the run is not.
    """
    if not isinstance(settings, DemoSettings) and claimed(settings):
        raise SettingsError(
            f"{settings.lake} is the demo's lake; real accounts do not go into it.",
            hint="Set C360_LAKE (or --lake) to another path, or delete the demo's lake (`make clean` does).",
        )

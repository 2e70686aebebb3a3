"""The commented `.env` of `c360 init`, generated from the settings' own descriptions."""

import os
from pathlib import Path
from typing import Any

from dotenv import dotenv_values, set_key
from pydantic import SecretStr

from c360.errors import LakeError
from c360.settings import Settings, described, new_secret, variable

TOKEN_SECRET = variable("token_secret")
FILE_MODE = 0o600
_GROUPS = (
    ("token_", "Tokens that stand for personal data."),
    ("stripe_", "Stripe."),
    ("salesforce_", "Salesforce."),
    ("", "Everything else. A line with # shows the default."),
)
_HIDDEN = ("now",)
_NEEDED = ("stripe_api_key", "salesforce_url", "salesforce_client_id", "salesforce_client_secret", "lake")


def env_text() -> str:
    """A fresh `.env`: what has to be filled in is a live line, every other setting a comment with its default."""
    lines = ["# Settings of c360. The environment wins over this file. Never commit it: it holds secrets."]
    rest = [name for name in Settings.model_fields if name not in _HIDDEN]
    for prefix, title in _GROUPS:
        group = [name for name in rest if name.startswith(prefix)]
        rest = [name for name in rest if name not in group]
        lines += ["", f"# --- {title}", *(line for name in group for line in _entry(name))]
    return "\n".join(lines) + "\n"


def write_env(path: Path) -> bool:
    """Writes a fresh `.env`, readable by its owner alone; False when there is one already.

    Raises:
        LakeError: The folder is not writable.
    """
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, FILE_MODE)
    except FileExistsError:
        return False
    except OSError as error:
        raise LakeError(f"{path.absolute()} cannot be written.", hint="Run the command in a folder you may write to.") from error
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(env_text())
    return True


def secret_in(path: Path) -> str:
    """The token secret of a `.env`; empty when there is none."""
    return (dotenv_values(path).get(TOKEN_SECRET) or "") if path.is_file() else ""


def ensure_secret(path: Path) -> str:
    """Makes a token secret, puts it into `path` (created for its owner alone if needed) and returns it.

    Raises:
        LakeError: The file cannot be written.
    """
    secret = new_secret()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=FILE_MODE, exist_ok=True)
        set_key(path, TOKEN_SECRET, secret, quote_mode="never")
    except OSError as error:
        raise LakeError(f"{path.absolute()} cannot be written.", hint="Run the command in a folder you may write to.") from error
    return secret


def _entry(name: str) -> list[str]:
    live = name in _NEEDED or name == "token_secret"
    value = new_secret() if name == "token_secret" else _default(Settings.model_fields[name].default)
    return ["", f"# {described(name)}", f"{'' if live else '# '}{variable(name)}={value}"]


def _default(value: Any) -> str:
    if isinstance(value, SecretStr) or value is None or value in ([], {}):
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)

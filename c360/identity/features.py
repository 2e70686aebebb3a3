"""Source records -> normalised features and tokens, batch by batch."""

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from c360.identity import normalise as n

Token = Callable[[str, pa.Array], pa.Array]
"""`token(kind, values)`: keyed tokens, see `c360.identity.tokens`."""

TOKENISED = {"name_token": ("name", "name_normal"), "email_token": ("email", "email"), "phone_token": ("phone", "phone"),
             "address_token": ("address", "address")}  # fmt: skip
"""Token column -> (kind, column it stands for)."""


def features(batch: pa.RecordBatch, *, schema: pa.Schema, metadata_key: str, token: Token) -> pa.RecordBatch:
    """Features of raw records, in the same order; depends on each row alone.

    Args:
        batch: Columns as `c360.silver.identity.identity_record` selects them from bronze.
        schema: Columns wanted, in order: those of the batch, of `one`, and token columns.
        metadata_key: Key of Stripe metadata that may hold a Salesforce account id.
        token: Makes keyed tokens.
    """
    rows = [one(row, metadata_key) for row in batch.to_pylist()]
    tokenised = {
        column: token(kind, pa.array([row[source] for row in rows], pa.string())) for column, (kind, source) in TOKENISED.items()
    }
    columns = [tokenised[f.name] if f.name in tokenised else pa.array([row[f.name] for row in rows], f.type) for f in schema]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def one(row: dict[str, Any], metadata_key: str) -> dict[str, Any]:
    """Features of one raw record."""
    normal = n.name(row["raw_name"])
    address = n.email(row["raw_email"])
    key = n.email_key(address)
    phone = n.phone(row["raw_phone"])
    street, code = row["raw_street"], row["raw_postal_code"]
    return {
        **row,
        "name": n.clean(row["raw_name"]),
        "name_normal": normal,
        "name_core": normal if row["is_person"] else n.name_core(normal),
        "email": address,
        "email_key": key,
        "email_class": n.email_class(key),
        "domain": n.corporate_domain(row["raw_website"]) or n.corporate_domain(address),
        "phone": phone,
        "phone_key": n.phone_key(phone),
        "address": n.address(street, code, row["raw_city"], row["raw_country"]),
        "address_key": n.address_key(street, code),
        "master_id": n.salesforce_id(row["raw_master_id"]),
        "metadata_account_id": n.salesforce_id(n.metadata_value(row["raw_metadata"], metadata_key)),
    }

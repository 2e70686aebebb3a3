"""Holds the whole bundle against the schema that `databricks bundle schema` prints; needs Databricks' CLI, so no test does it.

`databricks bundle schema > schema.json && python -m tests.deployments.whole_bundle schema.json`
"""

import json
import sys
from pathlib import Path

import yaml
from jsonschema.validators import validator_for

FILE = Path(__file__).parents[2] / "deployments" / "databricks.yml"


def main(schema_file: str) -> list[str]:
    """What the schema has against the bundle; its patterns of letters in all scripts are read as ASCII."""
    text = Path(schema_file).read_text().replace(r"[\\p{L}\\p{N}]", "[A-Za-z0-9]").replace(r"\\p{L}", "[A-Za-z]")
    schema = json.loads(text)
    bundle = yaml.safe_load(FILE.read_text())
    return [error.message for error in validator_for(schema)(schema).iter_errors(bundle)]


if __name__ == "__main__":
    found = main(sys.argv[1])
    sys.exit("\n".join(found) or 0)

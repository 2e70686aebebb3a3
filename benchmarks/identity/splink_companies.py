"""Splink's published model of businesses, and the same with every column of our generated companies and Splink's usual training.

The published one compares how rare the words are that two names share, postcodes and the first number of the address, and keeps
Splink's default m-probabilities. Runs in Splink's environment.
"""

from pathlib import Path
from typing import Any

import duckdb
import splink.comparison_library as cl  # type: ignore[import-not-found]  # of another environment
from splink import block_on
from splink_model import Model, read_files  # type: ignore[import-not-found]  # beside this file

_RARE = 0.01
_RARITY = "list_product(list_transform(list_intersect(ours, theirs), lambda word: word.share) || [1.0])"
_LEVELS = (1e-10, 1e-8, 1e-6, 1e-4)


def published() -> Model:
    """As in Splink's demo of businesses."""
    rules = [
        block_on("postcode"),
        block_on("rare", "substr(postcode, 1, 3)"),
        *(f"l.rare[{a}] = r.rare[{b}] and substr(l.name, 1, 3) = substr(r.name, 1, 3)" for a, b in ((1, 2), (2, 1))),
        block_on("name"),
    ]
    return Model([_words(), cl.PostcodeComparison("postcode"), cl.ExactMatch("number")], rules, u_pairs=1e7, read=read_companies)


def all_columns() -> Model:
    """With website, telephone, tax id, city and country as well; trained on pairs of one website and on pairs of one postcode."""
    base = published()
    more = [
        cl.ExactMatch("website").configure(term_frequency_adjustments=True),
        cl.DamerauLevenshteinAtThresholds("phone", [2]),
        cl.DamerauLevenshteinAtThresholds("vat_id", [2]),
        cl.JaroWinklerAtThresholds("city", [0.9]).configure(term_frequency_adjustments=True),
        cl.ExactMatch("country"),
    ]
    keys = ("website", "phone", "vat_id")
    return Model(
        [*base.comparisons, *more],
        [*base.blocking, *map(block_on, keys), "l.rare[1] = r.rare[1]"],
        deterministic=[block_on("vat_id"), block_on("name", "postcode"), block_on("website", "postcode")],
        recall=0.6,
        u_pairs=1e7,
        em=[block_on("website"), block_on("postcode")],
        read=read_companies,
    )


def read_companies(connection: duckdb.DuckDBPyConnection, files: list[Path]) -> None:
    """Capitals, the words of a name with their share of all words, its two rarest words, the first number of the address."""
    read_files(connection, files)
    rows = " UNION ALL ".join(f"(SELECT '{file.stem}' AS source, rec_id, name FROM given.\"{file.stem}\")" for file in files)  # noqa: S608
    connection.execute(f"""
      CREATE MACRO rarity(ours, theirs) AS {_RARITY};
      CREATE TABLE said AS SELECT source, rec_id, unnest(regexp_split_to_array(upper(trim(name)), '\\s+')) AS word FROM ({rows});
      CREATE TABLE shares AS SELECT word, (count(*) / (SELECT count(*) FROM said))::FLOAT AS share FROM said GROUP BY word;
      CREATE TABLE worded AS SELECT source, rec_id, list(struct_pack(word := word, share := share)) AS words,
        (list(word ORDER BY share, word) FILTER (share < {_RARE}))[:2] AS rare
        FROM said JOIN shares USING (word) GROUP BY source, rec_id
    """)  # noqa: S608 -- files of the benchmark
    for stem in (file.stem for file in files):
        connection.execute(f"""
          CREATE OR REPLACE TABLE given."{stem}" AS SELECT rec_id, upper(name) AS name, upper(postcode) AS postcode,
            upper(city) AS city, country, nullif(regexp_extract(street, '(\\d+[A-Za-z]?)'), '') AS number,
            regexp_extract(lower(website), '^(?:https?://)?(?:www\\.)?([^/]+)', 1) AS website,
            nullif(regexp_replace(phone, '\\D', '', 'g'), '') AS phone, vat_id, words, rare
          FROM given."{stem}" LEFT JOIN (FROM worded WHERE source = '{stem}') USING (rec_id)
        """)  # noqa: S608 -- a file of the benchmark


def _words() -> dict[str, Any]:
    levels = [
        {"sql_condition": f"rarity(words_l, words_r) < {least}", "label_for_charts": f"shared words rarer than {least}"}
        for least in _LEVELS
    ]
    missing = {"sql_condition": "words_l IS NULL OR words_r IS NULL", "label_for_charts": "missing", "is_null_level": True}
    other = {"sql_condition": "ELSE", "label_for_charts": "other"}
    return {"output_column_name": "words", "comparison_levels": [missing, *levels, other]}

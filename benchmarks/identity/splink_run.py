"""Splink on one data set, as its documentation does it: `python splink_run.py MODEL OUT [--one-to-one] FILE [FILE…]`.

Runs in Splink's own environment and writes what `c360 identity resolve` writes: OUT/pairs.parquet and OUT/clusters.parquet.
Clusters are made at 0.99, as in Splink's demo of febrl4; with --one-to-one by its `cluster_using_single_best_links`.
"""

import argparse
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import splink_companies  # type: ignore[import-not-found]  # beside this file: a script's folder is on its path
import splink_persons  # type: ignore[import-not-found]  # beside this file
from splink import DuckDBAPI, Linker, SettingsCreator  # type: ignore[import-not-found]  # of another environment
from splink_model import Model  # type: ignore[import-not-found]  # beside this file

MODELS = {
    "febrl3": splink_persons.febrl3,
    "febrl3_nossn": partial(splink_persons.febrl3, ssn=False),
    "febrl4": splink_persons.febrl4,
    "febrl4_nossn": partial(splink_persons.febrl4, ssn=False),
    "febrl4_refined": splink_persons.febrl4_refined,
    "febrl4_refined_nossn": partial(splink_persons.febrl4_refined, ssn=False),
    "companies": splink_companies.published,
    "companies_all_columns": splink_companies.all_columns,
}
THRESHOLD = 0.99


def main() -> None:
    """Reads the files, trains, predicts, clusters, writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", choices=sorted(MODELS))
    parser.add_argument("out", type=Path)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--one-to-one", action="store_true")
    given = parser.parse_args()
    connection, model = duckdb.connect(), MODELS[given.model]()
    model.read(connection, given.files)
    names = [file.stem for file in given.files]
    linker = train(connection, model, names)
    pairs = linker.inference.predict()
    if given.one_to_one:
        clusters = linker.clustering.cluster_using_single_best_links(
            pairs, duplicate_free_datasets=names, threshold_match_probability=THRESHOLD
        )
    else:
        clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, threshold_match_probability=THRESHOLD)
    write(connection, given.out, pairs.physical_name, clusters.physical_name, names)


def train(connection: duckdb.DuckDBPyConnection, model: Model, names: list[str]) -> Any:
    """A linker with the model's parameters estimated as its demo does."""
    db = DuckDBAPI(connection=connection)
    tables = [db.register(connection.table(f'given."{name}"'), dataset_display_name=name) for name in names]
    rows = max(connection.table(f'given."{name}"').shape[0] for name in names)
    settings = SettingsCreator(
        unique_id_column_name="rec_id",
        link_type="link_only" if len(names) > 1 else "dedupe_only",
        blocking_rules_to_generate_predictions=model.blocking,
        comparisons=model.comparisons,
        probability_two_random_records_match=1 / rows,
    )
    training = (linker := Linker(tables, settings)).training
    if model.deterministic:
        training.estimate_probability_two_random_records_match(model.deterministic, recall=model.recall)
    training.estimate_u_using_random_sampling(max_pairs=model.u_pairs, seed=2)
    for rule in model.em:
        training.estimate_parameters_using_expectation_maximisation(rule, estimate_without_term_frequencies=model.em_plain)
    return linker


def write(connection: duckdb.DuckDBPyConnection, out: Path, pairs: str, clusters: str, names: list[str]) -> None:
    """The columns of `c360 identity resolve` that the benchmark reads; of one file, Splink names no source."""
    left, right, source = ("source_dataset_l", "source_dataset_r", "source_dataset") if len(names) > 1 else (f"'{names[0]}'",) * 3
    connection.execute(f"""
      COPY (SELECT {left} AS left_source, rec_id_l AS left_id, {right} AS right_source, rec_id_r AS right_id,
        match_weight AS score, match_probability, match_probability >= {THRESHOLD} AS is_link
        FROM {pairs}) TO '{out}/pairs.parquet';
      COPY (SELECT {source} AS source, rec_id AS id, cluster_id AS customer_id FROM {clusters}) TO '{out}/clusters.parquet'
    """)  # noqa: S608 -- names of the benchmark's own


if __name__ == "__main__":
    main()

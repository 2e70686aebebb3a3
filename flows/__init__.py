"""Prefect flows: thin wrappers over `c360.run`. The only place that imports Prefect."""

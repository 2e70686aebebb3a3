"""The static HTML report of the lake's newest run."""

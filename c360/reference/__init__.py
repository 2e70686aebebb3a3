"""Reference tables: small facts from files (packaged CSV or the user's), read into the lake as `reference.<name>`."""

"""Decisions of people about who is who: from files into the lake, out of it again, and which ones are worth making next."""

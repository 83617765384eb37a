"""A finished report in words: for people, for terminals, as JSON."""

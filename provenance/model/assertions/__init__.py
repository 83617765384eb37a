"""Assertions: one file per label. Any other assertion stays as it is, its hash checked."""

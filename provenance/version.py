"""The version of this library, and of the specification it writes."""

__all__ = ["NAME", "SPEC_VERSION", "VERSION"]

NAME = "provenance"
VERSION = "0.1.0"
SPEC_VERSION = "2.4.0"

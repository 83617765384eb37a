"""Tests; folders mirror the rooms of the library."""

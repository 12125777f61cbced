"""Timings that are run by hand."""

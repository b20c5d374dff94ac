"""Tests of the dashboard: words, clocks, charts and pages, rendered from samples."""

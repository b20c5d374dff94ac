"""Tests of claims in spreadsheets."""

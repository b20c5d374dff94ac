"""Tests of the projector and of the views it keeps."""

"""The test cases that the event sourcing library brings for recorders, over its own in memory and
over ours."""

from eventsourcing.dcb.api import DCBEvent, DCBRecorder
from eventsourcing.dcb.tests import DCBRecorderTestCase


def test_it_appends_and_reads_as_the_library_expects(recorder: DCBRecorder) -> None:
    """Positions, queries, limits, heads and conditions are those of the library."""
    DCBRecorderTestCase()._test_append_read(recorder)


def test_it_goes_on_where_a_log_has_begun(recorder: DCBRecorder) -> None:
    """The same holds behind events that were there before."""
    recorder.append([DCBEvent("before", b"", ["old"]) for _ in range(5)])
    DCBRecorderTestCase()._test_append_read(recorder, initial_position=5)


def test_it_is_subscribed_to_as_the_library_expects(recorder: DCBRecorder) -> None:
    """A subscriber gets what is there, waits, and gets what comes within a second."""
    DCBRecorderTestCase()._test_append_subscribe(recorder)

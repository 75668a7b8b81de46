"""Failures that are told in a sentence, without a traceback."""


class DevError(Exception):
    """Something outside of this code went wrong; the text says what and how to mend it."""

"""The one error of all JSON codecs."""


class NotJsonError(ValueError):
    """The text is not JSON as RFC 8259 has it, or holds a number that no double can. The message says where."""

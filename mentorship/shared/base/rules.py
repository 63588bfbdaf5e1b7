"""A broken rule is a sentence for the person who tried."""


class RuleBroken(Exception):
    """Raised by actions. `str(error)` is one translated sentence that says what to do.

    The middleware shows it as a message; commands print it; no view catches it.
    """

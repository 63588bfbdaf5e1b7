import logging
import re

_TOKEN = re.compile(r"(/l/|/join/|/password/reset/key/)[^/\s\"']+")


class MaskTokens(logging.Formatter):
    """Keeps the tokens of mail links out of every log line, its traceback included."""

    def format(self, record: logging.LogRecord) -> str:
        return _TOKEN.sub(r"\1***", super().format(record))

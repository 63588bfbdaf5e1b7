import logging
import re

_TOKEN = re.compile(r"(/l/)[^/\s\"']+")


class MaskTokens(logging.Filter):
    """Keeps the tokens of mail links out of every log line."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _TOKEN.sub(r"\1***", record.getMessage())
        record.args = ()
        return True

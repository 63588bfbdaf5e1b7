"""Is this container well? `container_health.py web`, `worker` or `beat`; 0 says yes.

Small on purpose: it runs every half minute, so it loads no Django.
"""

import os
import socket
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

BEAT_FOLDER = Path("/var/lib/mentorship")
# Beat writes its schedule down every three minutes.
BEAT_SILENCE = 10 * 60


def web() -> str | None:
    # Django answers only to the name it serves.
    host = urlsplit(os.environ["BASE_URL"]).netloc
    request = urllib.request.Request("http://127.0.0.1:8000/healthz", headers={"Host": host})
    try:
        with urllib.request.urlopen(request, timeout=8):  # noqa: S310  a fixed address
            return None
    except (urllib.error.URLError, OSError) as error:
        return f"no answer from /healthz: {error}"


def worker() -> str | None:
    # The other two questions need no Celery.
    from celery import Celery  # noqa: PLC0415
    from kombu.exceptions import OperationalError  # noqa: PLC0415

    name = f"celery@{socket.gethostname()}"
    try:
        with Celery(broker=os.environ["REDIS_URL"]) as app:
            answer = app.control.inspect(destination=[name], timeout=5).ping()
    except OperationalError as error:
        return f"the broker does not answer: {error}"
    return None if answer else f"{name} does not answer"


def beat() -> str | None:
    written = [path.stat().st_mtime for path in BEAT_FOLDER.glob("celerybeat-schedule*")]
    if not written:
        return "beat has not written its schedule yet"
    silence = time.time() - max(written)
    return None if silence < BEAT_SILENCE else f"beat has been silent for {silence:.0f} s"


def main() -> int:
    problem = {"web": web, "worker": worker, "beat": beat}[sys.argv[1]]()
    if problem:
        print(problem, file=sys.stderr)
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main())

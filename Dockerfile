# One image for web, worker, beat and migrate; docker-compose.yml says which is which.
# BASE_IMAGE: any Debian with Python 3.11 or newer and its venv module, for example from a mirror.
ARG BASE_IMAGE=python:3.11-slim

FROM ${BASE_IMAGE} AS packages
# PACKAGES: requirements-solver.lock adds OR-Tools: the same matches, sooner in large programs.
ARG PACKAGES=requirements.lock
COPY ${PACKAGES} /packages.lock
RUN python3 -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --require-hashes -r /packages.lock \
 && /opt/venv/bin/pip uninstall --yes pip

FROM ${BASE_IMAGE}
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=mentorship.settings.base \
    WEB_CONCURRENCY=2

# The account owns one folder (beat's schedule) and can write nowhere else.
RUN groupadd --gid 10001 mentorship \
 && useradd --uid 10001 --gid mentorship --no-create-home --home-dir /nonexistent mentorship \
 && install --directory --owner mentorship --group mentorship /var/lib/mentorship
COPY --from=packages /opt/venv /opt/venv

WORKDIR /srv/mentorship
COPY manage.py ./
COPY mentorship ./mentorship
COPY programs ./programs
COPY matching ./matching
COPY feedback ./feedback
COPY templates ./templates
COPY static ./static
COPY scripts/container_health.py ./scripts/

# Static files are the one thing kept on a container's disk. The settings want to be complete, so
# they get values that work for this one command and are in no layer's environment.
RUN SECRET_KEY=only-while-building BASE_URL=https://build.example.org \
    DATABASE_URL=sqlite://:memory: REDIS_URL=memory:// EMAIL_URL=dummymail:// \
    DEFAULT_FROM_EMAIL=build@example.org \
    python manage.py collectstatic --noinput --verbosity 0

USER mentorship
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 \
    CMD ["python", "scripts/container_health.py", "web"]
# No access log: the proxy in front has one, and links in mail carry tokens.
CMD ["gunicorn", "mentorship.wsgi:application", "--bind=0.0.0.0:8000", "--worker-class=gthread", \
     "--threads=4", "--worker-tmp-dir=/dev/shm", "--no-control-socket"]

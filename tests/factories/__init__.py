"""Rows for tests, one file per app. They hold no surprises: what is not said is plain."""

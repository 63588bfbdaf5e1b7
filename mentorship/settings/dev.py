"""For developers: the embedded mode with Django's error pages."""

from mentorship.settings.embedded import *  # noqa: F403  a few lines on top

DEBUG = True

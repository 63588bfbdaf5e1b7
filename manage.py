#!/usr/bin/env python
"""Command line of the mentorship platform. Without DJANGO_SETTINGS_MODULE it speaks to the demo."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentorship.settings.embedded")
    execute_from_command_line(sys.argv)

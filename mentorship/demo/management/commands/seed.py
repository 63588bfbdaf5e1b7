import json
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from mentorship.demo import report, seeding
from mentorship.shared.base.rules import RuleBroken


class Command(BaseCommand):
    """The last line of output is one JSON object: scenario, cohort, program, logins."""

    help = "Play a made program up to now, among nobody but made people."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("scenario", choices=list(seeding.SCENARIOS))

    def handle(self, *args: Any, scenario: str, **options: Any) -> None:
        try:
            if settings.DEMO:
                call_command("migrate", verbosity=0, interactive=False)
            seeded = seeding.seed(scenario)
        except RuleBroken as broken:
            raise CommandError(str(broken)) from broken
        logins = report.logins()
        self.stdout.write(f"{seeded.program}, {seeded.cohort.name}: {seeded.cohort.code}")
        for one in logins:
            self.stdout.write(f"  {one['role']:<20} {one['email']} {one['password']}")
        told = {
            "scenario": scenario,
            "cohort": seeded.cohort.code,
            "program": seeded.program.code,
            "logins": logins,
        }
        self.stdout.write(json.dumps(told))

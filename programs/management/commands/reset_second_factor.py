from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mentorship.shared.base.rules import RuleBroken
from programs.actions import second_factors
from programs.actions.second_factors import Reason
from programs.models import User


class Command(BaseCommand):
    help = (
        "Remove every second factor of a person and end their log-ins: for the last owner of the "
        "site; for others an owner does it in the dashboard."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL", help="the address of the account")
        parser.add_argument("--reason", choices=Reason.values, default=Reason.LOST)

    def handle(self, *args: Any, **options: Any) -> None:
        person = User.objects.filter(email=options["email"].strip().lower()).first()
        if person is None:
            raise CommandError("There is no account with this address.")
        try:
            second_factors.reset(person, by=None, reason=options["reason"])
        except RuleBroken as error:
            raise CommandError(str(error)) from error
        self.stdout.write("The second factor is removed. The person hears of it by mail.")

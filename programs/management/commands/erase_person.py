from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mentorship.shared.base.rules import RuleBroken
from programs.actions import erasure
from programs.models import User


class Command(BaseCommand):
    help = "Erase the account of somebody who asked for it and cannot log in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the address of the account")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            raise CommandError("There is no account with this address.")
        try:
            erasure.erase(user, by=None)
        except RuleBroken as broken:
            raise CommandError(str(broken)) from broken
        self.stdout.write("The account is erased.")

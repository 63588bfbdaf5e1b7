"""Who directs a seeding: the play, the moment it leads up to, the cast, and the days of a round."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from feedback.metrics.tasks import compute_figures
from feedback.models import CheckIn
from feedback.models.checkins import REMIND_BEFORE
from feedback.tasks import remind_due_checkins
from mentorship.demo import cast
from mentorship.demo.play import Play, Scene
from mentorship.shared.base import clock
from mentorship.shared.base.zones import instant, local
from mentorship.shared.notifications.tasks import deliver_due
from programs.models import Cohort, Program, User

ZONE = "Europe/Berlin"
DAY = timedelta(days=1)
_WEEKS = 16


@dataclass(frozen=True, slots=True)
class Seeded:
    """What a seeding made."""

    scenario: str
    program: Program
    cohort: Cohort
    cast: dict[str, User]


@dataclass
class Director:
    """Keeps the play, the moment it leads up to, and who plays which part."""

    scenario: str
    play: Play = field(default_factory=Play)
    now: datetime = field(default_factory=clock.now)
    cast: dict[str, User] = field(default_factory=dict)
    password: str = field(default_factory=lambda: make_password(cast.PASSWORD))

    @property
    def today(self) -> date:
        return local(self.now, ZONE).date()

    @property
    def monday(self) -> date:
        return self.today - self.today.weekday() * DAY

    def join(self, part: str, name: str, zone: str = ZONE) -> User:
        """A member of the cast signs up and confirms the address."""
        email = f"{name.lower().replace(' ', '.')}@{cast.DOMAIN}"
        person = User.objects.filter(email=email).first()
        if person is None:
            person = User.objects.create_user(email, name=name, time_zone=zone)
        return self.give_key(part, person)

    def join_owner(self, name: str, zone: str) -> User:
        """The owner of the site, as `createsuperuser` makes one."""
        person = self.join("owner", name, zone)
        person.is_superuser = True
        person.save(update_fields=["is_superuser"])
        return person

    def give_key(self, part: str, person: User) -> User:
        """Somebody who is here already gets the demo's password and a part."""
        # one hash for all of them: each would cost a third of a second
        person.password = self.password
        person.save(update_fields=["password"])
        EmailAddress.objects.update_or_create(
            user=person, email=person.email, defaults={"verified": True, "primary": True}
        )
        self.cast[part] = person
        return person

    def seeded(self, program: Program, cohort: Cohort) -> Seeded:
        return Seeded(self.scenario, program, cohort, self.cast)

    def act(self, moment: datetime, scene: Scene) -> None:
        """Let somebody act, and let what they caused leave as mail soon after."""
        self.play.at(moment, scene)
        self.play.at(moment + timedelta(minutes=2), deliver_due)

    def sweep_around(self, checkins: Iterable[CheckIn]) -> None:
        """What beat would do about these check-ins, at the moments it would find something.

        The reminders the day before, and on the next morning the question how it was.
        """
        moments = set()
        for checkin in checkins:
            moments.add(_next_quarter(checkin.starts_at - REMIND_BEFORE))
            moments.add(_next_quarter(checkin.starts_at + timedelta(hours=15)))
        for moment in moments:
            self.act(moment, remind_due_checkins)

    def count_weekly(self, since: datetime) -> None:
        """The figures of each week from `since` on."""

        def count() -> None:
            compute_figures()
            self.play.at(clock.now() + 7 * DAY, count)

        self.play.at(since, count)


@dataclass(frozen=True, slots=True)
class Dates:
    """The days of a round that starts on a Monday."""

    starts_on: date
    zone: str = ZONE
    weeks: int = _WEEKS

    def day(self, offset: int, hour: int = 10) -> datetime:
        """The instant of an hour of the day `offset` days from the start."""
        return instant(self.starts_on + offset * DAY, time(hour), self.zone)

    @property
    def apply_from(self) -> date:
        return self.starts_on - 45 * DAY

    @property
    def apply_until(self) -> date:
        return self.starts_on - 17 * DAY

    @property
    def name(self) -> str:
        """How a round of this start is called."""
        seasons = ("Winter", "Spring", "Summer", "Autumn")
        start = self.starts_on
        return f"{seasons[start.month % 12 // 3]} {start.year + (start.month == 12)}"

    @property
    def ends_on(self) -> date:
        return self.starts_on + (7 * self.weeks - 3) * DAY


def _next_quarter(moment: datetime) -> datetime:
    """The next of four moments of the day: often enough, and a few sweeps instead of thousands."""
    start = moment.replace(minute=0, second=0, microsecond=0)
    return start + timedelta(hours=6 - start.hour % 6)

from django.db import transaction

from mentorship.shared.audit.models import record
from programs.models import Membership, Program, User


@transaction.atomic
def appoint(program: Program, *, user: User, role: str, by: User) -> Membership:
    """Give `user` a duty in `program`; one already held is left as it is."""
    membership, is_new = Membership.objects.get_or_create(program=program, user=user, role=role)
    if is_new:
        record(
            by=by,
            verb="member.appointed",
            subject=user,
            program=program,
            role=role,
        )
    return membership

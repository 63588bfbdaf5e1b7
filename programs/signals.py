"""What happened here that a higher stage may care about. Sent inside the transaction."""

from django.dispatch import Signal

# sender: Participant class; participant: the one who left
participant_withdrew = Signal()

# sender: Participant class; participant: somebody who would leave again, as if they had never come
# back; since: when they did. A receiver that needs them by now answers True, and they stay.
participant_would_go = Signal()

# sender: User class; user: who is on a pause from now on; until: the day they are back, in their
# zone
person_paused = Signal()

# sender: Cohort class; cohort: one whose way of choosing may change. A receiver that knows of
# people who have chosen there answers True.
people_have_chosen = Signal()

"""What happened here that a higher stage may care about. Sent inside the transaction."""

from django.dispatch import Signal

# sender: Match class; match: the one whose people are introduced now
match_introduced = Signal()
# sender: Match class; match: the one that ended
match_ended = Signal()
# sender: Match class; match: the one whose last day is later now
match_extended = Signal()

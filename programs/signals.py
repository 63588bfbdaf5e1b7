"""What happened here that a higher stage may care about. Sent inside the transaction."""

from django.dispatch import Signal

# sender: Participant class; participant: the one who left
participant_withdrew = Signal()

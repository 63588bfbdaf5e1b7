"""Every verb this app writes to the audit log, with the sentence that tells it."""

from django.utils.translation import gettext_lazy as _

from mentorship.shared.audit.verbs import declare

declare(
    {
        "run.started": _("asked for a matching"),
        "run.cancelled": _("cancelled a matching"),
        "run.questioned": _("asked a question about a matching"),
        "run.changed": _("changed a draft of a matching"),
        "run.undone": _("took a change of a draft back"),
        "pair.allowed": _("allowed a pair again"),
        "policy.eased": _("eased a must of the cohort's policy"),
        "place.asked": _("asked %(subject)s for one more place"),
        "place.given": _("gave one more place: %(subject)s"),
        "place.refused": _("said no to one more place: %(subject)s"),
        "run.shown": _("showed a draft of a matching to the reviewers"),
        "run.hidden": _("showed a draft of a matching to the reviewers no longer"),
        "run.commented": _("commented on a draft of a matching"),
        "policy.changed": _("changed by what the cohort is matched"),
        "run.forgotten": _("forgot what a matching was asked"),
        "run.published": _("published a matching with %(matches)s matches"),
        "introduction.accepted": _("said yes to the introduction %(subject)s"),
        "introduction.declined": _("said no to the introduction %(subject)s"),
        "introduction.lapsed": _("closed the introduction %(subject)s, which was not answered"),
        "introduction.withdrawn": _("took the introduction %(subject)s back"),
        "wishes.changed": _("changed whom they would like to be matched with"),
        "ask.made": _("asked a mentor"),
        "meet.made": _("prepared a meet-and-greet"),
        "meet.changed": _("changed a meet-and-greet in preparation"),
        "meet.dropped": _("deleted a meet-and-greet in preparation"),
        "meet.planned": _("asked for the meetings of a meet-and-greet"),
        "meet.published": _("published a meet-and-greet with %(meetings)s meetings"),
        "meeting.cancelled": _("called a meeting off: %(subject)s"),
        "match.ended": _("ended the match %(subject)s"),
        "match.lapsed": _("closed the match %(subject)s, whose people lost touch"),
        "match.left": _("left the match of %(subject)s"),
        "match.extended": _("extended the match %(subject)s until %(until)s"),
        "match.joined": _("added a mentor to the match %(subject)s"),
        "match.reassigned": _("let another mentor take over the match %(subject)s"),
        "match.made": _("put two together by hand: %(subject)s"),
    }
)

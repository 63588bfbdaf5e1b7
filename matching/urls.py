from django.contrib import admin
from django.urls import path

from matching import exports
from matching.views import (
    brought,
    choosing,
    compare,
    decisions,
    desk,
    desk_introductions,
    drafts,
    introductions,
    matches,
    meet_and_greets,
    pairs,
    places,
    run,
    runs,
    unmatched,
)
from mentorship.shared.files.exports import export_view

staff = admin.site.admin_view

urlpatterns = [
    path("introductions/<code>/", introductions.introduction_detail, name="introduction-detail"),
    path(
        "introductions/<code>/answer/",
        introductions.introduction_answer,
        name="introduction-answer",
    ),
    path("places/<code>/", places.place_ask, name="place-ask"),
    path("places/<code>/answer/", places.place_answer, name="place-answer"),
    path("introductions/<code>/take-back/", choosing.ask_take_back, name="ask-take-back"),
    path("participation/<code>/choose/", choosing.choose, name="choose"),
    path("participation/<code>/choose/rank/", choosing.choose_rank, name="choose-rank"),
    path("participation/<code>/rather-not/", choosing.avoids, name="avoids"),
    path("participation/<code>/rather-not/change/", choosing.avoid_change, name="avoid-change"),
    path("participation/<code>/ask/", choosing.ask_new, name="ask-new"),
    path("participation/<code>/asks/", choosing.ask_list, name="asks"),
    path("meetings/<code>/", meet_and_greets.meeting_detail, name="meeting-detail"),
    path("matches/<code>/leave/", matches.match_leave, name="match-leave"),
    path("participation/<code>/leave/", matches.participation_leave, name="participation-leave"),
    path("admin/matches/<code>/end/", staff(matches.match_end), name="desk-match-end"),
    path("admin/matches/<code>/extend/", staff(matches.match_extend), name="desk-match-extend"),
    path("admin/matches/<code>/mentor/", staff(matches.match_mentor), name="desk-match-mentor"),
    path(
        "admin/matches/<code>/hand-over/",
        staff(matches.match_hand_over),
        name="desk-match-hand-over",
    ),
    path(
        "admin/matches/<code>/step-down/",
        staff(matches.match_step_down),
        name="desk-match-step-down",
    ),
    path("admin/matches/<code>/again/", staff(matches.match_again), name="desk-match-again"),
    path("admin/cohorts/<code>/matches/pair/", staff(matches.pair_new), name="desk-pair-new"),
    path("admin/cohorts/<code>/people/", staff(desk.participant_list), name="desk-participants"),
    path("admin/cohorts/<code>/matching/", staff(runs.run_list), name="desk-runs"),
    path("admin/cohorts/<code>/matching/start/", staff(runs.run_start), name="desk-run-start"),
    path(
        "admin/cohorts/<code>/matching/policy/",
        staff(runs.policy_import),
        name="desk-policy-import",
    ),
    path(
        "admin/cohorts/<code>/matching/pairs/",
        staff(brought.pairs_import),
        name="desk-pairs-import",
    ),
    path(
        "admin/cohorts/<code>/matching/pairs/template/",
        staff(brought.pairs_template),
        name="desk-pairs-template",
    ),
    path(
        "admin/cohorts/<code>/meet-and-greets/",
        staff(meet_and_greets.meet_list),
        name="desk-meets",
    ),
    path(
        "admin/cohorts/<code>/meet-and-greets/new/",
        staff(meet_and_greets.meet_new),
        name="desk-meet-new",
    ),
    path("admin/meet-and-greets/<code>/", staff(meet_and_greets.meet_detail), name="desk-meet"),
    path(
        "admin/meet-and-greets/<code>/change/",
        staff(meet_and_greets.meet_change),
        name="desk-meet-change",
    ),
    path(
        "admin/meet-and-greets/<code>/plan/",
        staff(meet_and_greets.meet_plan),
        name="desk-meet-plan",
    ),
    path(
        "admin/meet-and-greets/<code>/publish/",
        staff(meet_and_greets.meet_publish),
        name="desk-meet-publish",
    ),
    path(
        "admin/meet-and-greets/<code>/delete/",
        staff(meet_and_greets.meet_drop),
        name="desk-meet-delete",
    ),
    path(
        "admin/meet-and-greets/<code>/export/",
        staff(export_view(exports.MEETINGS)),
        name="desk-meet-export",
    ),
    path("admin/drafts/<code>/", staff(drafts.draft_detail), name="desk-draft"),
    path("admin/runs/<code>/show/", staff(drafts.run_show), name="desk-run-show"),
    path("admin/runs/<code>/hide/", staff(drafts.run_hide), name="desk-run-hide"),
    path("admin/runs/<code>/", staff(run.run_detail), name="desk-run"),
    path("admin/runs/<code>/cancel/", staff(run.run_cancel), name="desk-run-cancel"),
    path("admin/runs/<code>/again/", staff(run.run_again), name="desk-run-again"),
    path("admin/runs/<code>/publish/", staff(run.run_publish), name="desk-run-publish"),
    path("admin/runs/<code>/undo/", staff(run.run_undo), name="desk-run-undo"),
    path("admin/runs/<code>/pairs/", staff(pairs.pair_list), name="desk-run-pairs"),
    path("admin/runs/<code>/pairs/<mentee>/", staff(pairs.pair_detail), name="desk-pair"),
    path("admin/runs/<code>/pairs/<mentee>/ask/", staff(pairs.pair_ask), name="desk-pair-ask"),
    path(
        "admin/runs/<code>/pairs/<mentee>/what-if/<mentor>/",
        staff(pairs.what_if),
        name="desk-what-if",
    ),
    path(
        "admin/runs/<code>/unmatched/", staff(unmatched.unmatched_list), name="desk-run-unmatched"
    ),
    path(
        "admin/runs/<code>/unmatched/<mentee>/remedy/",
        staff(unmatched.remedy),
        name="desk-run-remedy",
    ),
    path("admin/cohorts/<code>/matching/allow/", staff(run.pair_allow), name="desk-pair-allow"),
    path("admin/cohorts/<code>/matching/compare/", staff(compare.compare), name="desk-compare"),
    path("admin/runs/<code>/groups/", staff(compare.run_audit), name="desk-run-audit"),
    path(
        "admin/cohorts/<code>/decisions/",
        staff(decisions.decision_list),
        name="desk-decisions",
    ),
    path(
        "admin/cohorts/<code>/decisions/export/",
        staff(export_view(exports.DECISIONS)),
        name="desk-decisions-export",
    ),
    path(
        "admin/cohorts/<code>/introductions/",
        staff(desk_introductions.introduction_list),
        name="desk-introductions",
    ),
    path(
        "admin/cohorts/<code>/introductions/export/",
        staff(export_view(exports.INTRODUCTIONS)),
        name="desk-introductions-export",
    ),
    path(
        "admin/introductions/<code>/withdraw/",
        staff(desk_introductions.introduction_withdraw),
        name="desk-introduction-withdraw",
    ),
    path(
        "admin/cohorts/<code>/people/export/",
        staff(export_view(exports.PARTICIPANTS)),
        name="desk-participants-export",
    ),
    path(
        "admin/cohorts/<code>/matching/export/",
        staff(export_view(exports.RUNS)),
        name="desk-runs-export",
    ),
    path(
        "admin/runs/<code>/export/",
        staff(export_view(exports.SUGGESTIONS)),
        name="desk-run-export",
    ),
]

from django.contrib import admin
from django.urls import path, register_converter

from mentorship.shared.files.exports import export_view
from programs import exports
from programs.models import Role
from programs.views import (
    accounts,
    applications,
    applying,
    confirmations,
    desk,
    desk_applications,
    desk_people,
    desk_texts,
    form_preview,
    history,
    imports,
    invitations,
    look,
    members,
    paces,
    people,
    privacy,
    profiles,
    programs,
    questionnaires,
    queue,
    recruiting,
    reviewers,
    reviewing,
    second_factors,
    setup,
    texts,
)


class RoleConverter:
    """`mentor` or `mentee` in an address."""

    regex = "mentor|mentee"

    def to_python(self, value: str) -> Role:
        return Role(value)

    def to_url(self, value: str) -> str:
        return Role(value).value


register_converter(RoleConverter, "role")

staff = admin.site.admin_view

urlpatterns = [
    path("programs/<code>/", programs.program_detail, name="program-detail"),
    path("programs/<public_code:code>/look.css", look.look_css, name="program-look"),
    path("cohorts/<code>/apply/<role:role>/", applying.application_new, name="application-new"),
    path(
        "cohorts/<code>/apply/<role:role>/copy/",
        applying.application_copy,
        name="application-copy",
    ),
    path("cohorts/<code>/suggest/", invitations.peer_suggest, name="peer-suggest"),
    path("join/<token>/", invitations.join, name="join"),
    path("join/<token>/stop/", invitations.join_stop, name="join-stop"),
    path("via/<code>/", invitations.channel, name="channel"),
    path("applications/<code>/", applications.application_detail, name="application-detail"),
    path("applications/<code>/edit/", applying.application_edit, name="application-edit"),
    path("applications/<code>/review/", applying.application_review, name="application-review"),
    path(
        "applications/<code>/withdraw/",
        applications.application_withdraw,
        name="application-withdraw",
    ),
    path("applications/<code>/offer/take/", applications.offer_take, name="offer-take"),
    path(
        "applications/<code>/offer/turn-down/",
        applications.offer_turn_down,
        name="offer-turn-down",
    ),
    path("profile/", profiles.profile_edit, name="profile"),
    path("profile/preview/", profiles.profile_preview, name="profile-preview"),
    path("profile/seen-by/", profiles.profile_audiences, name="profile-audiences"),
    path("profile/pause/", profiles.profile_pause, name="profile-pause"),
    path("profile/pause/end/", profiles.profile_return, name="profile-return"),
    path("profile/about-me/", profiles.tell_about_me, name="about-me"),
    path("profile/mail/", people.preferences, name="preferences"),
    path("profile/data/", privacy.my_data, name="my-data"),
    path("profile/data/my-data.json", privacy.my_data_file, name="my-data-file"),
    path("profile/data/erase/", privacy.account_erase, name="account-erase"),
    path("account/", accounts.account, name="account"),
    path("account/log-ins/", accounts.log_in_list, name="log-ins"),
    path("texts/<code>/", texts.text_detail, name="text-detail"),
    path("participation/<code>/", texts.participation_detail, name="participation-detail"),
    path("participation/<code>/pace/", paces.participation_pace, name="participation-pace"),
    path(
        "participation/<code>/confirm/",
        confirmations.participation_confirm,
        name="participation-confirm",
    ),
    path("duties/<code>/", members.duty_invitation, name="duty-invitation"),
    # --- The desk: programs ---
    path("admin/archive/", staff(setup.archive), name="desk-archive"),
    path("admin/programs/new/", staff(setup.program_new), name="desk-program-new"),
    path("admin/programs/<code>/edit/", staff(setup.program_edit), name="desk-program-edit"),
    path(
        "admin/programs/<code>/archive/",
        staff(setup.program_archive),
        name="desk-program-archive",
    ),
    path(
        "admin/programs/<code>/restore/",
        staff(setup.program_restore),
        name="desk-program-restore",
    ),
    path("admin/programs/<code>/cohorts/new/", staff(setup.cohort_new), name="desk-cohort-new"),
    path("admin/programs/<code>/look/", staff(look.look_edit), name="desk-look"),
    path("admin/programs/<code>/members/", staff(members.member_list), name="desk-members"),
    path(
        "admin/programs/<code>/members/export/",
        staff(export_view(exports.MEMBERS)),
        name="desk-members-export",
    ),
    path(
        "admin/programs/<code>/members/invite/",
        staff(members.member_invite),
        name="desk-member-invite",
    ),
    path("admin/members/<code>/change/", staff(members.member_change), name="desk-member-change"),
    path("admin/members/<code>/end/", staff(members.member_remove), name="desk-member-remove"),
    path(
        "admin/member-invitations/<code>/take-back/",
        staff(members.member_uninvite),
        name="desk-member-uninvite",
    ),
    path(
        "admin/programs/<code>/history/",
        staff(history.program_history),
        name="desk-program-history",
    ),
    path(
        "admin/second-factors/",
        staff(second_factors.second_factor_list),
        name="desk-second-factors",
    ),
    path(
        "admin/second-factors/<code>/reset/",
        staff(second_factors.second_factor_reset),
        name="desk-second-factor-reset",
    ),
    # --- The desk: a cohort and its set-up ---
    path("admin/cohorts/<code>/setup/", staff(setup.cohort_setup), name="desk-cohort-setup"),
    path(
        "admin/cohorts/<code>/how-matched/", staff(setup.cohort_choice), name="desk-cohort-choice"
    ),
    path("admin/cohorts/<code>/edit/", staff(setup.cohort_edit), name="desk-cohort-edit"),
    path("admin/cohorts/<code>/readiness/", staff(setup.readiness), name="desk-readiness"),
    path("admin/cohorts/<code>/open/", staff(desk.cohort_open), name="desk-cohort-open"),
    path("admin/cohorts/<code>/archive/", staff(setup.cohort_archive), name="desk-cohort-archive"),
    path("admin/cohorts/<code>/restore/", staff(setup.cohort_restore), name="desk-cohort-restore"),
    path("admin/cohorts/<code>/forms/", staff(questionnaires.form_list), name="desk-forms"),
    path(
        "admin/cohorts/<code>/forms/<role:role>/",
        staff(questionnaires.form_detail),
        name="desk-form",
    ),
    path(
        "admin/cohorts/<code>/forms/<role:role>/add/",
        staff(questionnaires.form_add),
        name="desk-form-add",
    ),
    path(
        "admin/cohorts/<code>/forms/<role:role>/preview/",
        staff(form_preview.form_preview),
        name="desk-form-preview",
    ),
    path(
        "admin/cohorts/<code>/forms/<role:role>/questions/new/",
        staff(questionnaires.question_new),
        name="desk-question-new",
    ),
    path(
        "admin/cohorts/<code>/forms/<role:role>/questions/<question>/",
        staff(questionnaires.question_edit),
        name="desk-question",
    ),
    path(
        "admin/cohorts/<code>/forms/<role:role>/questions/<question>/move/",
        staff(questionnaires.question_move),
        name="desk-question-move",
    ),
    path(
        "admin/cohorts/<code>/forms/<role:role>/questions/<question>/remove/",
        staff(questionnaires.question_remove),
        name="desk-question-remove",
    ),
    path("admin/forms/<code>/", staff(questionnaires.form_version), name="desk-form-version"),
    path("admin/cohorts/<code>/texts/", staff(desk_texts.text_list), name="desk-texts"),
    path("admin/cohorts/<code>/texts/new/", staff(desk_texts.text_new), name="desk-text-new"),
    path("admin/cohorts/<code>/gate/", staff(desk_texts.gate_save), name="desk-gate"),
    path("admin/texts/<code>/", staff(desk_texts.text_detail), name="desk-text"),
    path("admin/texts/<code>/edit/", staff(desk_texts.text_edit), name="desk-text-edit"),
    path("admin/texts/<code>/retire/", staff(desk_texts.text_retire), name="desk-text-retire"),
    path(
        "admin/cohorts/<code>/people/remind/",
        staff(desk_texts.remind),
        name="desk-participants-remind",
    ),
    path(
        "admin/cohorts/<code>/people/confirm/",
        staff(confirmations.remind),
        name="desk-participants-confirm",
    ),
    path(
        "admin/cohorts/<code>/invitations/",
        staff(invitations.invitation_list),
        name="desk-invitations",
    ),
    path(
        "admin/cohorts/<code>/invitations/export/",
        staff(export_view(exports.INVITATIONS)),
        name="desk-invitations-export",
    ),
    path(
        "admin/cohorts/<code>/channels/new/",
        staff(invitations.channel_new),
        name="desk-channel-new",
    ),
    path(
        "admin/invitations/<code>/withdraw/",
        staff(invitations.invitation_withdraw),
        name="desk-invitation-withdraw",
    ),
    path("admin/cohorts/<code>/import/", staff(imports.import_list), name="desk-import"),
    path(
        "admin/cohorts/<code>/import/export/",
        staff(export_view(exports.IMPORTS)),
        name="desk-import-export",
    ),
    path("admin/imports/<code>/", staff(imports.import_detail), name="desk-import-job"),
    path(
        "admin/imports/<code>/columns/", staff(imports.import_columns), name="desk-import-columns"
    ),
    path(
        "admin/imports/<code>/confirm/", staff(imports.import_confirm), name="desk-import-confirm"
    ),
    path("admin/imports/<code>/cancel/", staff(imports.import_cancel), name="desk-import-cancel"),
    # --- The desk: applications ---
    path(
        "admin/cohorts/<code>/applications/",
        staff(queue.application_list),
        name="desk-applications",
    ),
    path(
        "admin/cohorts/<code>/applications/export/",
        staff(export_view(exports.APPLICATIONS)),
        name="desk-applications-export",
    ),
    path(
        "admin/cohorts/<code>/applications/decide/",
        staff(queue.decide),
        name="desk-decide",
    ),
    path("admin/cohorts/<code>/views/save/", staff(queue.view_save), name="desk-view-save"),
    path("admin/views/<code>/delete/", staff(queue.view_delete), name="desk-view-delete"),
    path("admin/batches/<code>/undo/", staff(queue.batch_undo), name="desk-batch-undo"),
    path(
        "admin/cohorts/<code>/waiting/<role:role>/",
        staff(desk_applications.waiting),
        name="desk-waiting",
    ),
    path(
        "admin/cohorts/<code>/waiting/<role:role>/order/",
        staff(desk_applications.waiting_order),
        name="desk-waiting-order",
    ),
    path("admin/cohorts/<code>/supply/", staff(recruiting.supply_and_demand), name="desk-supply"),
    path("admin/cohorts/<code>/drafts/", staff(recruiting.draft_list), name="desk-drafts"),
    path(
        "admin/cohorts/<code>/drafts/remind/",
        staff(recruiting.drafts_remind),
        name="desk-drafts-remind",
    ),
    path(
        "admin/cohorts/<code>/drafts/export/",
        staff(export_view(exports.DRAFTS)),
        name="desk-drafts-export",
    ),
    path("admin/cohorts/<code>/rubric/", staff(reviewers.rubric_edit), name="desk-rubric"),
    path("admin/cohorts/<code>/reviewers/", staff(reviewers.reviewers), name="desk-reviewers"),
    path(
        "admin/cohorts/<code>/reviews/export/",
        staff(export_view(exports.REVIEWS)),
        name="desk-reviews-export",
    ),
    path("admin/reviews/", staff(reviewing.my_reviews), name="desk-my-reviews"),
    path("admin/applications/<code>/review/", staff(reviewing.review), name="desk-review"),
    path(
        "admin/applications/<code>/review/return/",
        staff(reviewing.review_return),
        name="desk-review-return",
    ),
    path(
        "admin/applications/<code>/",
        staff(desk_applications.application_detail),
        name="desk-application",
    ),
    path(
        "admin/applications/<code>/decide/",
        staff(desk_applications.application_decide),
        name="desk-application-decide",
    ),
    path(
        "admin/applications/<code>/move/",
        staff(desk_applications.waiting_move),
        name="desk-waiting-move",
    ),
    path(
        "admin/applications/<code>/answers/",
        staff(desk_people.answers_edit),
        name="desk-answers-edit",
    ),
    path(
        "admin/applications/<code>/interview/",
        staff(desk_applications.interview_plan),
        name="desk-interview-plan",
    ),
    path(
        "admin/interviews/<code>/hold/",
        staff(desk_applications.interview_hold),
        name="desk-interview-hold",
    ),
    path(
        "admin/interviews/<code>/cancel/",
        staff(desk_applications.interview_cancel),
        name="desk-interview-cancel",
    ),
    # --- The desk: people, mail, history ---
    path("admin/people/<code>/", staff(desk_people.person_detail), name="desk-person"),
    path("admin/people/<code>/profile/", staff(desk_people.person_edit), name="desk-person-edit"),
    path(
        "admin/people/<code>/account/",
        staff(desk_people.person_account),
        name="desk-person-account",
    ),
    path("admin/cohorts/<code>/mail/", staff(desk.outbox), name="desk-outbox"),
    path(
        "admin/cohorts/<code>/mail/export/",
        staff(export_view(exports.MAIL)),
        name="desk-outbox-export",
    ),
    path("admin/cohorts/<code>/history/", staff(history.cohort_history), name="desk-history"),
    path(
        "admin/cohorts/<code>/history/export/",
        staff(export_view(exports.HISTORY)),
        name="desk-history-export",
    ),
]

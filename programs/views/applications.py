from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mentorship.shared.questions.forms import AnswersForm, form_for
from programs import permissions
from programs.actions import applications
from programs.models import Application, Cohort, Role
from programs.views.signed_in import SignedIn

Status = Application.Status


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def application_new(request: SignedIn, code: str, role: Role) -> HttpResponse:
    """The form of somebody who has not applied yet; nothing is kept before they save."""
    cohort = get_object_or_404(Cohort.objects.public(), code=code)
    mine = Application.objects.of(request.user).filter(cohort=cohort, role=role).first()
    if mine is not None and mine.status != Status.WITHDRAWN:
        return redirect("application-edit", mine.code)
    applications.require_open(cohort)
    earlier = mine.answers if mine else {}
    form = _form(request, cohort, role, {"time_zone": request.user.told_zone} | earlier, mine)
    if request.method == "POST" and form.is_valid():
        application = applications.start(
            cohort, applicant=request.user, role=role, answers=form.answers()
        )
        return _kept(request, application)
    return _page(request, cohort, role, form, None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def application_edit(request: SignedIn, code: str) -> HttpResponse:
    """Change one's answers until the deadline."""
    application = _mine(request, code)
    if not permissions.may_edit(request.user, application):
        return redirect("application-detail", application.code)
    cohort, role = application.cohort, Role(application.role)
    form = _form(request, cohort, role, application.answers, application)
    if request.method == "POST" and form.is_valid():
        application = applications.save(application, by=request.user, answers=form.answers())
        return _kept(request, application)
    return _page(request, cohort, role, form, application)


@login_required
@require_safe
def application_detail(request: SignedIn, code: str) -> HttpResponse:
    application = _mine(request, code)
    return render(
        request,
        "programs/application_detail.html",
        {
            "application": application,
            "cohort": application.cohort,
            "answers": application.in_words(),
            "what_next": what_next(application),
            "can_edit": permissions.may_edit(request.user, application),
            "can_withdraw": permissions.may_withdraw(request.user, application),
        },
    )


@login_required
@require_POST
def application_withdraw(request: SignedIn, code: str) -> HttpResponse:
    application = applications.withdraw(_mine(request, code), by=request.user)
    messages.success(request, _("Your application is withdrawn."))
    return redirect("application-detail", application.code)


def what_next(application: Application) -> str:
    """What happens now, in one sentence to the applicant."""
    cohort = application.cohort
    days = {
        "until": date_format(cohort.apply_until, "j F Y"),
        "starts": date_format(cohort.starts_on, "j F Y"),
        "zone": cohort.time_zone,
    }
    return {
        Status.DRAFT: _("Send it in by the end of %(until)s (%(zone)s)."),
        Status.SUBMITTED: _("The coordinators read it and write to you before %(starts)s."),
        Status.WAITLISTED: _("You hear from us as soon as a place becomes free."),
        Status.ACCEPTED: _("You take part. Your match is introduced to you by mail."),
        Status.DECLINED: _("There was no place for you this time. You may apply again."),
        Status.WITHDRAWN: _("You took it back. Nothing more happens."),
    }[Status(application.status)] % days


def _mine(request: SignedIn, code: str) -> Application:
    mine = Application.objects.of(request.user).select_related("cohort__program", "questionnaire")
    return get_object_or_404(mine, code=code)


def _form(
    request: SignedIn,
    cohort: Cohort,
    role: str,
    initial: dict[str, object],
    application: Application | None = None,
) -> AnswersForm:
    questionnaire = application.questionnaire if application else cohort.questions_for(role)
    is_draft = request.POST.get("action") != "submit" and not (
        application and application.status == Status.SUBMITTED
    )
    return form_for(
        questionnaire,
        request.POST if request.method == "POST" else None,
        initial=initial,
        draft=is_draft,
    )


def _kept(request: SignedIn, application: Application) -> HttpResponse:
    if request.POST.get("action") == "submit" and application.status == Status.DRAFT:
        applications.submit(application, by=request.user)
        messages.success(request, _("Your application is sent in. A mail confirms it."))
    else:
        messages.success(request, _("Your answers are saved."))
    return redirect("application-detail", application.code)


def _page(
    request: SignedIn,
    cohort: Cohort,
    role: Role,
    form: AnswersForm,
    application: Application | None,
) -> HttpResponse:
    return render(
        request,
        "programs/application_form.html",
        {"cohort": cohort, "role": role, "form": form, "application": application},
        status=422 if form.is_bound else 200,
    )

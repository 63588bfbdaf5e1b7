"""The forms of a cohort, as coordinators write them."""

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mentorship.shared.questions.forms import only_if
from mentorship.shared.questions.kinds import Kind
from mentorship.shared.questions.models import Question, Questionnaire
from programs import permissions
from programs.actions import questionnaires
from programs.forms.questionnaires import QuestionForm
from programs.models import Application, Cohort, Role
from programs.questions import GROUPS, Group, QuestionSpec
from programs.views.desk import cohort_of
from programs.views.signed_in import SignedIn


@require_safe
def form_list(request: SignedIn, code: str) -> HttpResponse:
    """Both forms of a cohort side by side, and who answered which version."""
    cohort = cohort_of(request, code)
    answered = (
        Application.objects.filter(cohort=cohort)
        .exclude(answers={})
        .order_by("-questionnaire__version")
        .values("role", "questionnaire__code", "questionnaire__version")
        .annotate(count=Count("pk"))
    )
    forms = [
        {
            "role": role,
            "form": cohort.questions_for(role),
            "steps": cohort.questions_for(role).steps(),
            "versions": [
                {
                    "code": row["questionnaire__code"],
                    "number": row["questionnaire__version"],
                    "count": row["count"],
                }
                for row in answered
                if row["role"] == role
            ],
        }
        for role in Role
    ]
    return desk_page(request, "desk/forms.html", cohort, forms=forms)


@require_safe
def form_detail(request: SignedIn, code: str, role: Role) -> HttpResponse:
    """One form, step by step, with everything one can do to it."""
    cohort = cohort_of(request, code)
    form = cohort.questions_for(role)
    standing = {question.key: question for question in form.questions.all()}
    return desk_page(
        request,
        "desk/form.html",
        cohort,
        role=role,
        questionnaire=form,
        steps=_steps(form),
        groups=_offered(standing, role),
        kinds=Kind.choices,
    )


@require_POST
def form_add(request: SignedIn, code: str, role: Role) -> HttpResponse:
    """Put the ready-made questions that were ticked on one form, or on both."""
    cohort = cohort_of(request, code)
    ticked = request.POST.getlist("question")
    chosen = [spec for group in GROUPS for spec in _ticked(group, ticked) if role in spec.roles]
    if not chosen:
        messages.warning(request, _("Tick at least one question."))
        return redirect("desk-form", cohort.code, role)
    before = cohort.questions_for(role)
    for side in [role, *([role.other] if "both" in request.POST else [])]:
        specs = [spec for spec in chosen if side in spec.roles]
        questionnaires.add(cohort, roles=[side], by=request.user, questions=specs)
    return _changed(request, cohort, role, before, chosen[0].key)


@require_http_methods(["GET", "HEAD", "POST"])
def question_new(request: SignedIn, code: str, role: Role) -> HttpResponse:
    """Write a question of one's own; its kind stands in the address."""
    cohort = cohort_of(request, code)
    kind = request.GET.get("kind", Kind.SHORT_TEXT)
    if kind not in Kind.values:
        raise Http404
    before = cohort.questions_for(role)
    form = QuestionForm(
        request.POST if request.method == "POST" else None,
        kind=Kind(kind),
        others=list(before.questions.all()),
        other_role=role.other,
    )
    if request.method == "POST" and form.is_valid():
        roles = [role, *([role.other] if form.cleaned_data["both"] else [])]
        spec = questionnaires.as_new(form.spec(), cohort, roles)
        questionnaires.add(cohort, roles=roles, by=request.user, questions=[spec])
        return _changed(request, cohort, role, before, spec.key)
    return _question_page(request, cohort, role, form)


@require_http_methods(["GET", "HEAD", "POST"])
def question_edit(request: SignedIn, code: str, role: Role, question: str) -> HttpResponse:
    cohort = cohort_of(request, code)
    before = cohort.questions_for(role)
    standing = get_object_or_404(before.questions, key=question)
    form = QuestionForm(
        request.POST if request.method == "POST" else None,
        kind=Kind(standing.kind),
        others=list(before.questions.exclude(pk=standing.pk)),
        question=standing,
    )
    if request.method == "POST" and form.is_valid():
        questionnaires.change(cohort, role=role, key=question, by=request.user, **form.values())
        return _changed(request, cohort, role, before, question)
    return _question_page(request, cohort, role, form)


@require_POST
def question_move(request: SignedIn, code: str, role: Role, question: str) -> HttpResponse:
    cohort = cohort_of(request, code)
    before = cohort.questions_for(role)
    get_object_or_404(before.questions, key=question)
    is_up = request.POST.get("direction") != "down"
    questionnaires.move(cohort, role=role, key=question, up=is_up, by=request.user)
    return _changed(request, cohort, role, before, question)


@require_POST
def question_remove(request: SignedIn, code: str, role: Role, question: str) -> HttpResponse:
    cohort = cohort_of(request, code)
    before = cohort.questions_for(role)
    get_object_or_404(before.questions, key=question)
    questionnaires.remove(cohort, role=role, key=question, by=request.user)
    return _changed(request, cohort, role, before)


@require_safe
def form_version(request: SignedIn, code: str) -> HttpResponse:
    """The questions of one version of a form, to read."""
    readable = permissions.readable_forms(request.user)
    form = get_object_or_404(readable, code=code)
    cohort = permissions.cohort_of_form(request.user, form)
    return desk_page(
        request,
        "desk/form_version.html",
        cohort,
        questionnaire=form,
        steps=_steps(form),
        earlier=readable.filter(later=form).first(),
    )


def _steps(form: Questionnaire) -> list[dict[str, Any]]:
    """The pages of a form, each question with the sentence that says when it is asked."""
    standing = {question.key: question for question in form.questions.all()}
    return [
        {
            "title": step.title,
            "questions": [
                {
                    "question": question,
                    "condition": only_if(question, standing[question.shown_if])
                    if question.shown_if in standing
                    else "",
                }
                for question in step.questions
            ],
        }
        for step in form.steps()
    ]


def _offered(standing: dict[str, Question], role: Role) -> list[dict[str, Any]]:
    """The ready-made questions that the form does not have yet, by group."""
    facts = {question.fact for question in standing.values() if question.fact}
    offered = []
    for group in GROUPS:
        fresh = [
            spec
            for spec in group.questions
            if role in spec.roles and spec.key not in standing and spec.fact not in facts
        ]
        if fresh:
            offered.append({"group": group, "questions": fresh})
    return offered


def _ticked(group: Group, ticked: list[str]) -> list[QuestionSpec]:
    if group.whole:
        return list(group.questions) if group.name in ticked else []
    return [spec for spec in group.questions if spec.key in ticked]


def _question_page(
    request: SignedIn, cohort: Cohort, role: Role, form: QuestionForm
) -> HttpResponse:
    status = 422 if form.is_bound else 200
    return desk_page(
        request,
        "desk/question.html",
        cohort,
        status,
        role=role,
        form=form,
        kind=form.kind,
        questionnaire=cohort.questions_for(role),
    )


def _changed(
    request: SignedIn, cohort: Cohort, role: Role, before: Questionnaire, key: str = ""
) -> HttpResponse:
    """Back to the form, to the question that was changed, saying what became of the form."""
    after = get_object_or_404(Cohort, pk=cohort.pk).questions_for(role)
    if after.version > before.version:
        told = _(
            "People answered this form before, so you are changing version %(new)d now. "
            "Their answers keep version %(old)d."
        )
        messages.info(request, told % {"new": after.version, "old": before.version})
    elif after.pk != before.pk:
        messages.info(request, _("Something else used this form too. What you change is a copy."))
    else:
        messages.success(request, _("The form is changed."))
    address = reverse("desk-form", args=[cohort.code, role])
    return redirect(f"{address}#question-{key}" if key else address)


def desk_page(
    request: SignedIn, template: str, cohort: Cohort, status: int = 200, **context: Any
) -> HttpResponse:
    """A page of the dashboard about a cohort that the reader coordinates."""
    context |= {"cohort": cohort, "may_coordinate": True}
    return render(request, template, context, status=status)

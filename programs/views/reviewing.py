"""A reviewer's pages: what is theirs to read, one after the other, and nothing else."""

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from programs import blind, rubric
from programs.actions import reviews
from programs.forms.reviews import HandBackForm, ReviewForm
from programs.models import Application, Assignment, Review
from programs.views.desk import page_of
from programs.views.signed_in import SignedIn


@require_safe
def my_reviews(request: SignedIn) -> HttpResponse:
    """Yours to review: first what is not done."""
    mine = Assignment.objects.of(request.user).not_withdrawn().to_do_first()
    rows = mine.select_related("application__cohort__program", "application__applicant")
    page = page_of(request, rows)
    for assignment in page:
        application = assignment.application
        assignment.name = blind.name_for_reviewer(application)
    done = mine.filter(Q(is_in=True)).count()
    return render(
        request,
        "desk/my_reviews.html",
        {
            "page_obj": page,
            "done": done,
            "total": page.paginator.count,
            "next": _next(request),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def review(request: SignedIn, code: str) -> HttpResponse:
    """Read one application and score it; then comes the next."""
    application = _assigned(request, code)
    criteria = rubric.criteria_for(application.cohort, application.role)
    mine = Review.objects.filter(application=application, reviewer=request.user).first()
    data = request.POST if request.method == "POST" else None
    form = ReviewForm(data, criteria=criteria, review=mine)
    if form.is_valid():
        hand_in = request.POST.get("action") == "hand_in"
        reviews.save(application, by=request.user, hand_in=hand_in, **form.told())
        if not hand_in:
            messages.success(request, _("Your draft is kept. Nobody else sees it."))
            return redirect("desk-review", application.code)
        following = _next(request)
        if following is None:
            messages.success(request, _("Your review is in. That was the last one on your list."))
            return redirect("desk-my-reviews")
        messages.success(request, _("Your review is in. This is the next one."))
        return redirect("desk-review", following.code)
    return render(
        request,
        "desk/review.html",
        {
            "application": application,
            "sight": blind.for_reviewer(application),
            "form": form,
            "review": mine,
            "hand_back": HandBackForm(),
            "is_open": application.status in reviews.OPEN,
            "reasons": Assignment.Reason.choices,
        },
        status=422 if form.is_bound else 200,
    )


@require_POST
def review_return(request: SignedIn, code: str) -> HttpResponse:
    """Hand an application back, because one knows the person or for another reason."""
    application = _assigned(request, code)
    form = HandBackForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a reason, then hand it back."))
        return redirect("desk-review", application.code)
    reviews.hand_back(application, by=request.user, reason=form.cleaned_data["reason"])
    messages.success(request, _("Handed back. Somebody else reads it."))
    return redirect("desk-my-reviews")


def _assigned(request: SignedIn, code: str) -> Application:
    rows = Application.objects.assigned_to(request.user).select_related(
        "cohort__program", "applicant", "questionnaire"
    )
    return get_object_or_404(rows, code=code)


def _next(request: SignedIn) -> Application | None:
    """The next one to read: still to be decided, and without one's review."""
    waiting = Assignment.objects.of(request.user).to_do()
    found = waiting.select_related("application").first()
    return found.application if found else None

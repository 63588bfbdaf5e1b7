"""How a program looks and speaks: its colours, words and texts."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from programs.actions import programs
from programs.colours import shades
from programs.forms.look import LookForm
from programs.models import Program
from programs.views.setup import form_page, posted, program_of
from programs.views.signed_in import SignedIn


@require_safe
def look_css(request: HttpRequest, code: str) -> HttpResponse:
    """The stylesheet of a program: its colours in the place of the site's."""
    program = get_object_or_404(Program.objects.visible_to(request.user), code=code)
    colours = {"main": program.colour, "second": program.second_colour}
    palette = {name: shades(colour) for name, colour in colours.items() if colour}
    return render(request, "programs/look.css", palette, content_type="text/css")


@form_page
def look_edit(request: SignedIn, code: str) -> HttpResponse:
    program = program_of(request, code)
    form = LookForm(posted(request), instance=program)
    if not form.is_valid():
        program.refresh_from_db()
        context = {"program": program, "may_coordinate": True, "form": form}
        return render(request, "desk/look.html", context, status=422 if form.is_bound else 200)
    program.own_words = form.own_words()
    programs.update(program, by=request.user, changed=form.changed_fields())
    messages.success(request, _("Saved. The pages of the program look and speak so now."))
    return redirect("desk-look", program.code)

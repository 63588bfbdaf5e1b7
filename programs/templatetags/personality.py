from django import template

from programs.models import Application
from programs.questions.personality import scores

register = template.Library()


@register.simple_tag
def personality(application: Application) -> list[tuple[str, int]]:
    """The traits that an application's answers tell, with their points of at most 20."""
    return [(str(trait.label), points) for trait, points in scores(application.answers).items()]

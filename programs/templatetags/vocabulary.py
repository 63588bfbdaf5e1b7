from django import template

from programs.models import Program

register = template.Library()


@register.filter
def called(role: str, program: Program) -> str:
    """What a program calls somebody in a role, in the middle of a sentence."""
    return program.words.role(role)


@register.filter
def called_a(role: str, program: Program) -> str:
    """The same with its article."""
    return program.words.a_role(role)

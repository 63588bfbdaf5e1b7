from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from programs.colours import Shades

register = template.Library()


@register.simple_tag
def palette(shades: Shades, name: str) -> SafeString:
    """The declarations that put shades in the place of a colour of static/css/tokens.css."""
    tokens = {name: shades.plain, f"{name}-wash": shades.wash}
    if name == "pine":
        tokens |= {
            "pine-strong": shades.strong,
            "on-pine": shades.on,
            "band": shades.band,
            "band-soft": shades.band_soft,
        }
    lines = "".join(f"    --{token}: {value};\n" for token, value in tokens.items())
    return format_html("{}", lines)

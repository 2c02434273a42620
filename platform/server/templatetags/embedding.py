"""The script that tells what happened to pictures, for the site's own pages."""

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def embed_script() -> str:
    """Return the script's address, which is the operator's to choose."""
    return f"/{settings.EMBED_PATH}/{settings.EMBED_SCRIPT}"

"""Paper: the templates, compiled once, and what they may call.

Takes  a template's name and values.   Gives  HTML.
Never  puts out a text that was not cleaned (text.py) and escaped; a value that was not given is an error.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from sonoteca.web import words
from sonoteca.web.site import Site
from sonoteca.web.text import line, shown

OPTION = re.compile(r"(?<!\S)--[a-z-]+(?!\S)")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


def _fit(value: Any) -> Any:
    """Every value that a template puts out passes here."""
    if isinstance(value, Markup):
        return value
    return shown(value) if isinstance(value, str) else value


def name(text: str) -> Markup:
    """A name that others gave, on one line, set apart so that its direction of writing stays its own."""
    return Markup("<bdi>") + escape(line(text)) + Markup("</bdi>")


def command(text: str) -> Markup:
    """A command, which a narrow screen breaks between words: "--" alone at the end of a line means another thing."""
    return Markup(OPTION.sub(r'<span class="word">\g<0></span>', str(escape(line(text)))))


def langattr(language: str) -> Markup:
    """` lang="pl"` for a language that has a form of its own (BCP 47), else nothing: the page's own counts."""
    return Markup(f' lang="{language}"') if LANGUAGE.fullmatch(language) else Markup("")


def query(said: Mapping[str, str]) -> str:
    """The query of an address."""
    return urlencode(said, errors="replace")


@pass_context
def asset(context: Context, file: str) -> str:
    """The address of one of the website's own files, "" when it has none of this name."""
    site: Site = context["site"]
    return site.assets.address(file)


def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("sonoteca.web"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_fit,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters |= {"name": name, "line": line, "command": command}
    made.filters |= {
        "length_told": words.length,
        "length_short": words.length_short,
        "langattr": langattr,
        "query": query,
    }
    for word in ("clock", "spoken", "size", "number", "plural", "date", "age", "codec", "level", "place"):
        made.filters[word] = getattr(words, word)
    made.globals |= {"asset": asset, "CLASSES": words.CLASSES, "TIERS": words.TIERS, "TIER_TOLD": words.TIER_TOLD}
    made.globals["parts"] = made.get_template("parts.html").module
    return made


PAPER = _environment()


def render(site: Site, template: str, **values: Any) -> str:
    """The template with these values."""
    return PAPER.get_template(template).render(site=site, archive=site.settings.name, **values)

"""Searching the public openings: what a visitor may ask for, and the jobs that answer."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.paginator import Page, Paginator
from django.db.models import Case, Q, When
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from jobs.models import Job
from jobs.openings.cache import cached
from jobs.querysets import JobQuerySet

OPENINGS_PER_PAGE = 20
MAX_CHIPS = 8  # of one filter
OTHERS_SHOWN = 3
MAX_LABEL_LENGTH = 40  # of a filter that nobody knows
MAX_CACHED_PAGE_DIGITS = 3  # digits: more pages than that nobody turns
SEARCHED_FIELDS = (
    "title",
    "department",
    "responsibilities",
    "requirements",
    "city",
    "campaign__city",
)


def public_openings() -> JobQuerySet:
    """Every opening that anyone may read, with its campaign."""
    return Job.objects.public().select_related("campaign")


def cities() -> list[str]:
    """Where there are openings; one without a city of its own is in that of its campaign."""
    return cached("cities", _cities)


def _cities() -> list[str]:
    places = public_openings().order_by().values_list("city", "campaign__city").distinct()
    return sorted({own or shared for own, shared in places} - {""})


def similar_openings(job: Job) -> list[Job]:
    """A few more openings: of its department first, then of its campaign."""
    found = public_openings().exclude(pk=job.pk).filter(campaign=job.campaign_id)
    is_near = Case(When(department=job.department, then=0), default=1)
    return list(found.order_by(is_near, "-created_at", "-pk")[:OTHERS_SHOWN])


def located_in(city: str) -> Q:
    return Q(city=city) | Q(city="", campaign__city=city)


def has_search_text(request: HttpRequest) -> bool:
    """Whether it searches for words of one's own, which nothing remembers."""
    return bool(request.GET.get("q"))


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter as a link: to take it back where it is on, else to add it."""

    label: str
    query: str
    is_on: bool


class OpeningSearch(forms.Form):
    """The filters of the public list. Nothing fits a value it does not know: it is said, and can be
    taken back, and is never an error page.
    """

    q = forms.CharField(label=_("Search"), max_length=100, required=False)
    city = forms.ChoiceField(label=_("City"), required=False)
    kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", _("Any kind")), *Job.Kind.choices]
    )

    def __init__(self, data: object) -> None:
        super().__init__(data)  # type: ignore[arg-type]  # a QueryDict is what forms take
        city = self.fields["city"]
        assert isinstance(city, forms.ChoiceField)
        city.choices = [("", _("Any city")), *((place, place) for place in cities())]

    def results(self) -> JobQuerySet:
        """The openings that meet every valid filter, newest first."""
        if not self.is_valid():
            return Job.objects.none()
        asked = self.cleaned_data
        found = public_openings()
        if asked.get("city"):
            found = found.filter(located_in(asked["city"]))
        if asked.get("kind"):
            found = found.filter(kind=asked["kind"])
        for word in asked.get("q", "").split():
            found = found.filter(contains_word(word))
        return found

    def page(self, number: str) -> Page[Job]:
        """One page of the results; without words of the visitor's own it is cached."""
        asked = self.cleaned_data if self.is_valid() else {}
        if (
            not asked
            or asked["q"]
            or not (number.isdecimal() and len(number) <= MAX_CACHED_PAGE_DIGITS)
        ):
            return self._page(number)
        name = f"page:{asked['city']}:{asked['kind']}:{number}"
        return cached(sha256(name.encode()).hexdigest(), lambda: self._page(number))

    def _page(self, number: str) -> Page[Job]:
        found = Paginator(self.results(), OPENINGS_PER_PAGE).get_page(number)
        whole: Paginator[Job] = Paginator([], OPENINGS_PER_PAGE)
        whole.count = found.paginator.count  # a page to keep has no query
        return Page(list(found.object_list), found.number, whole)

    def chips(self) -> list[Chip]:
        """Each word, city and kind asked for, to be taken back; then what else one may ask for."""
        self.is_valid()
        asked = self.cleaned_data
        words = asked.get("q", "").split()
        taken = [self._chip(word, q=" ".join(w for w in words if w != word)) for word in words]
        return [*taken, *self._unknown(), *self._choices("city"), *self._choices("kind")]

    def _unknown(self) -> list[Chip]:
        """What was asked for and is not there."""
        return [self._chip(str(self.data.get(name))[:MAX_LABEL_LENGTH]) for name in self.errors]

    def _choices(self, name: str) -> list[Chip]:
        choices: Any = self.fields[name]
        chosen = self.cleaned_data.get(name)
        offered = [(value, str(label)) for value, label in choices.choices if value]
        if len(offered) > MAX_CHIPS:  # the field above has them all
            offered = [one for one in offered if one[0] == chosen]
        return [
            self._chip(label, is_on=value == chosen, **{name: "" if value == chosen else value})
            for value, label in offered
        ]

    def _chip(self, label: str, *, is_on: bool = True, **changed: str) -> Chip:
        asked = {name: self.cleaned_data.get(name, "") for name in self.fields} | changed
        query = urlencode({name: value for name, value in asked.items() if value})
        return Chip(label, f"?{query}", is_on)

    @property
    def is_narrowed(self) -> bool:
        return bool(self.errors) or any(self.cleaned_data.values())


def contains_word(word: str) -> Q:
    """A job that says this word anywhere a visitor can read."""
    either = Q()
    for field in SEARCHED_FIELDS:
        either |= Q(**{f"{field}__icontains": word})
    return either

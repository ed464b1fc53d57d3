"""Search and filters of the public list of openings, with cached pages."""

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
from jobs.models.openings import JobQuerySet
from jobs.openings.cache import PAGE, TEXTS, cached, job_page

OPENINGS_PER_PAGE = 20
MAX_CHIPS = 8  # for one filter; with more values only the dropdown lists them
SIMILAR_SHOWN = 3
MAX_LABEL_LENGTH = 40  # of the chip for an unknown filter value
MAX_CACHED_PAGE_DIGITS = 3  # pages beyond 999 are not cached
SEARCHED_FIELDS = (
    "title",
    "department",
    "responsibilities",
    "requirements",
    "city",
    "campaign__city",
)


def public_openings() -> JobQuerySet:
    """Returns the openings of the public site, with their campaigns."""
    return Job.objects.public().select_related("campaign")


def cities() -> list[str]:
    """Returns the cities with openings, sorted. A job without a city is in its campaign's city."""
    found: list[str] = cached("cities", _cities, TEXTS)
    return found


def _cities() -> list[str]:
    places = public_openings().order_by().values_list("city", "campaign__city").distinct()
    return sorted({own or shared for own, shared in places} - {""})


def similar_openings(job: Job) -> list[Job]:
    """Returns a few other openings of the campaign, those of the same department first."""
    found = public_openings().exclude(pk=job.pk).filter(campaign=job.campaign_id)
    is_near = Case(When(department=job.department, then=0), default=1)
    return list(found.order_by(is_near, "-created_at", "-pk")[:SIMILAR_SHOWN])


def located_in(city: str) -> Q:
    return Q(city=city) | Q(city="", campaign__city=city)


def has_search_text(request: HttpRequest) -> bool:
    """True if the request searches for free text. Such pages are not cached but rate limited."""
    return bool(request.GET.get("q"))


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter as a link that removes it if it is on, and adds it otherwise."""

    label: str
    query: str
    is_on: bool


class OpeningSearch(forms.Form):
    """The filters of the public list.

    An unknown value gives an empty list with a chip that removes the value, never an error page.
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
        """Returns the openings that match all filters, newest first; none if one is invalid."""
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
        """Returns a page of the results, from the cache unless there are search words."""
        asked = self.cleaned_data if self.is_valid() else {}
        if (
            not asked
            or asked["q"]
            or not (number.isdecimal() and len(number) <= MAX_CACHED_PAGE_DIGITS)
        ):
            return self._page(number)
        name = f"page:{asked['city']}:{asked['kind']}:{number}"
        found: Page[Job] = cached(
            sha256(name.encode()).hexdigest(), lambda: self._page(number), PAGE
        )
        return found

    def _page(self, number: str) -> Page[Job]:
        found = Paginator(self.results(), OPENINGS_PER_PAGE).get_page(number)
        return job_page(
            list(found.object_list), found.number, found.paginator.count, OPENINGS_PER_PAGE
        )

    def chips(self) -> list[Chip]:
        """Returns chips that remove each active word and filter, then chips that add another."""
        self.is_valid()
        asked = self.cleaned_data
        words = asked.get("q", "").split()
        taken = [self._chip(word, q=" ".join(w for w in words if w != word)) for word in words]
        return [*taken, *self._unknown(), *self._choices("city"), *self._choices("kind")]

    def _unknown(self) -> list[Chip]:
        """Returns a chip for each filter with an unknown value."""
        return [self._chip(str(self.data.get(name))[:MAX_LABEL_LENGTH]) for name in self.errors]

    def _choices(self, name: str) -> list[Chip]:
        choices: Any = self.fields[name]
        chosen = self.cleaned_data.get(name)
        offered = [(value, str(label)) for value, label in choices.choices if value]
        if len(offered) > MAX_CHIPS:  # the dropdown lists them all
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
    """Matches jobs with this word in any field that visitors can read."""
    either = Q()
    for field in SEARCHED_FIELDS:
        either |= Q(**{f"{field}__icontains": word})
    return either

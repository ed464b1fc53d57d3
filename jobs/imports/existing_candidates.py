"""Finds existing candidates by mobile and e-mail, in a few queries for any number of contacts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db.models.functions import Lower

from jobs.candidates.permissions import addable_candidates, changeable_candidates
from jobs.candidates.services import CandidateFields
from jobs.imports.plan import Contact, Elsewhere, ExistingCandidate
from jobs.models import Campaign, Candidate
from jobs.models.imports import ImportRun

FILLED_FIELDS = CandidateFields.__annotations__.keys() - {"name"}


@dataclass(frozen=True, slots=True)
class ExistingCandidates:
    """The existing candidates whom an import may touch. Calling it returns those with contacts.

    by  whose rights the import has; None for everything, as a management command has
    """

    by: Any
    campaign: Campaign | None

    @property
    def person(self) -> User | None:
        """The user to name in records of the import."""
        return self.by if isinstance(self.by, User) else None

    @classmethod
    def of(cls, run: ImportRun, *, has_all_rights: bool = False) -> ExistingCandidates:
        """An import has the rights of the person who started it, else of its owner.

        Without them, because their account is deleted, it has no rights.

        has_all_rights  a management command imports
        """
        owner = run.task.owner if run.task else run.owner
        return cls(by=None if has_all_rights else owner or AnonymousUser(), campaign=run.campaign)

    def __call__(
        self, contacts: Collection[Contact]
    ) -> dict[Contact, ExistingCandidate | Elsewhere]:
        """Returns an ExistingCandidate by each contact they have; Elsewhere for a candidate whom
        the import may not touch. Nobody may be told of them.
        """
        holders = _holders(contacts)
        ids = {holder["pk"] for _contact, holder in holders}
        addable, changeable = self._addable(ids), self._changeable(ids)
        found: dict[Contact, ExistingCandidate | Elsewhere] = {}
        for contact, holder in holders:
            if holder["pk"] in addable:
                found[contact] = ExistingCandidate(
                    holder["pk"],
                    holder["name"],
                    may_change=holder["pk"] in changeable,
                    empty_fields=_empty_fields(holder),
                )
            else:
                found.setdefault(contact, Elsewhere())
        return found

    def _addable(self, ids: Collection[int]) -> Collection[int]:
        if self.by is None or not ids:
            return ids
        addable = addable_candidates(self.by, self.campaign).filter(pk__in=ids)
        return set(addable.values_list("pk", flat=True))

    def _changeable(self, ids: Collection[int]) -> Collection[int]:
        if self.by is None or not ids:
            return ids
        return set(changeable_candidates(self.by).filter(pk__in=ids).values_list("pk", flat=True))


def _empty_fields(holder: dict[str, Any]) -> frozenset[str]:
    """Returns the fields to fill. A record that is kept apart gets no further contacts."""
    fields = FILLED_FIELDS - {"mobile", "email"} if holder["shares_contact"] else FILLED_FIELDS
    return frozenset(name for name in fields if holder[name] in ("", None))


def _holders(contacts: Collection[Contact]) -> list[tuple[Contact, dict[str, Any]]]:
    """Returns contacts and candidates. Of several with a contact, the first record is last."""
    mobiles = [value for kind, value in contacts if kind == "mobile"]
    emails = [value for kind, value in contacts if kind == "email"]
    holders: list[tuple[Contact, dict[str, Any]]] = []
    candidates = Candidate.objects.order_by("-shares_contact", "-pk")
    fields = ("pk", "name", "shares_contact", *FILLED_FIELDS)
    if mobiles:
        by_mobile = candidates.filter(mobile__in=mobiles)
        holders += [(("mobile", one["mobile"]), one) for one in by_mobile.values(*fields)]
    if emails:
        by_email = candidates.annotate(address=Lower("email")).filter(address__in=emails)
        holders += [(("email", one["address"]), one) for one in by_email.values(*fields, "address")]
    return holders

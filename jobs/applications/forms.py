"""The public application form."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from jobs.applications.consent import consent_text
from jobs.applications.file_types import HasPassword, kind_of
from jobs.applications.receive import ResumeFile
from jobs.candidates.contacts import InvalidContact, normalize_mobile, normalize_text
from jobs.candidates.degrees import DEGREES
from jobs.candidates.form_fields import EmailAddressField
from jobs.candidates.names import refuse_addresses
from jobs.candidates.services import CandidateFields, contact_problem
from jobs.uploads.scan import refuse_malware

DEGREE_CHOICES = [("", gettext_lazy("Choose")), *DEGREES.items()]
"""Stored in Chinese, as in spreadsheets; the labels are in the applicant's language."""


class SingleLineField(forms.CharField):
    """A line of text. Removes invisible characters, which often come with pasted text."""

    def __init__(self, *, autocomplete: str = "off", **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput)
        super().__init__(**kwargs)
        self.widget.attrs["autocomplete"] = autocomplete

    def clean(self, value: Any) -> str:
        text = normalize_text(cast(str, super().clean(value)))
        self.validate(text)  # a text of invisible characters is empty
        return text


class ApplicationForm(forms.Form):
    """Personal details, education, résumé and consent."""

    use_required_attribute = True

    name = SingleLineField(
        label=pgettext_lazy("person", "Name"),
        max_length=120,
        autocomplete="name",
        validators=[refuse_addresses],
    )
    mobile = SingleLineField(
        label=gettext_lazy("Mobile"),
        max_length=40,
        autocomplete="tel",
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel"}),
        help_text=gettext_lazy("Include the country code unless it is a Chinese number."),
    )
    email = EmailAddressField(
        label=gettext_lazy("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=gettext_lazy("We send your confirmation and the link to your private page here."),
    )
    city = SingleLineField(
        label=gettext_lazy("City"), max_length=60, required=False, autocomplete="address-level2"
    )
    school = SingleLineField(label=gettext_lazy("School"), max_length=120, required=False)
    major = SingleLineField(label=gettext_lazy("Major"), max_length=120, required=False)
    degree = forms.ChoiceField(
        label=gettext_lazy("Highest degree"), choices=DEGREE_CHOICES, required=False
    )
    resume = forms.FileField(
        label=gettext_lazy("Résumé"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".pdf,.doc,.docx"}),
    )
    consent = forms.BooleanField(
        error_messages={
            "required": gettext_lazy("We need your consent to store your application.")
        },
    )
    trap = forms.CharField(required=False)  # honeypot: hidden from people, filled in by bots

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.fields["consent"].label = consent_text()
        self.fields["resume"].help_text = _("PDF or Word, up to %(megabytes)d MB.") % {
            "megabytes": settings.RESUME_BYTES // 1024**2
        }

    @property
    def is_spam(self) -> bool:
        return bool(self.data.get("trap"))

    def clean_mobile(self) -> str:
        try:
            return normalize_mobile(self.cleaned_data["mobile"])
        except InvalidContact as error:
            raise ValidationError(contact_problem(error)) from None

    def clean_resume(self) -> ResumeFile | None:
        file: UploadedFile[Any] | None = self.cleaned_data["resume"]
        if not file:
            return None
        size = file.size or 0
        if size > settings.RESUME_BYTES:
            raise ValidationError(
                _("This file is larger than %(limit)s. Choose a smaller one.")
                % {"limit": filesizeformat(settings.RESUME_BYTES)}
            )
        try:
            kind = kind_of(cast(Any, file))
        except HasPassword:
            raise ValidationError(
                _("This file has a password. Save it without a password and try again.")
            ) from None
        if kind is None:
            raise ValidationError(
                _("This file is not a PDF or Word document. Save it as PDF and try again.")
            )
        refuse_malware(cast(Any, file))
        return ResumeFile(content=cast(Any, file), kind=kind, size=size)

    @property
    def entries(self) -> CandidateFields:
        """The fields for the candidate's record."""
        typed = self.cleaned_data
        return CandidateFields(
            name=typed["name"],
            mobile=typed["mobile"],
            email=typed["email"],
            city=typed["city"],
            school=typed["school"],
            major=typed["major"],
            degree=typed["degree"],
        )

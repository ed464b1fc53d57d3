"""Applications: services, the public form, résumés, consent, and the applicants' private links."""

"""The e-mail channel: recipients, templates, message format, calendar invitations and SMTP."""

EMAIL = "email"  # value of `Delivery.channel`

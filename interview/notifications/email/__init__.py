"""The e-mail channel: templates, message format, calendar invitations, SMTP."""

"""Error reports to Sentry, and the filter that keeps personal data out of them."""

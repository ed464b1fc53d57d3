"""HTTP conventions that every app uses: rate limits, idempotency keys, API tokens, parsers."""

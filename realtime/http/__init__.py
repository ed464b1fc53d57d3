"""HTTP and API conventions that every app uses: rate limits, idempotency keys, tokens, parsers."""

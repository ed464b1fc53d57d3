"""HTTP middleware and request helpers: request ids, timing, client addresses."""

"""How visitors apply for openings, and what is kept of it: entries, consent, résumé, own page."""

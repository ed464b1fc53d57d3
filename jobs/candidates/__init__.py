"""Candidates: services, search, the candidates page, contact details, pinyin, row locks."""

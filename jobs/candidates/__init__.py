"""Candidates: search, pages, contact details, pinyin, row locks."""

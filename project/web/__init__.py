"""Conventions of pages and API: headers, navigation, pagination, errors, schema."""

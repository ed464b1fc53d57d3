"""Web conventions: headers, navigation, pagination, error pages, API errors and schema."""

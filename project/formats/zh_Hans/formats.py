"""Chinese formats: digits in groups of three, as in the pages' scripts and in spreadsheets."""

THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3

"""Chinese counts in groups of three, as the scripts of these pages and spreadsheets write them."""

THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3

"""Limits of an import file. A larger file is refused before it can cost memory."""

MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 50_000
MAX_COLUMNS = 200
MAX_ROW_NUMBER = 100_000  # sheets may contain formatted empty rows, so above MAX_ROWS

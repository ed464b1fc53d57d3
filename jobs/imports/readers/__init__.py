"""Readers of import files: text encodings, CSV text, workbooks."""

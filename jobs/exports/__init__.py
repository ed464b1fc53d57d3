"""Exports lists: rows a person may see → cells → CSV file or Excel workbook."""

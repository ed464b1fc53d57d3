"""Tables for people: rows they may see → cells of text and numbers → CSV file or workbook."""

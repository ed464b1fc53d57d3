"""What a campaign's history tells of a period: figures by the database, each in one query or two,
however long the history is. They are read by the page, and as CSV, and remembered meanwhile.
"""

"""Analytics: reports on a campaign's history within a period.

PostgreSQL computes each report in one or two queries. The page and the CSV download in `views`
read them through `cache`. A new report is a function of a Period, added to `registry`.
"""

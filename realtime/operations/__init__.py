"""The operations page: a live list of processes and incidents, and the status of the site.

registry   rows of the topic `ops`, one RowSource per kind
incidents  the sources of this app
status     the status row, which the relay publishes every few seconds
views      the page, and the same data as JSON
"""

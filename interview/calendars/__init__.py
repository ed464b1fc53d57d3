"""Personal calendar feeds (iCalendar) for calendar programs, and the page that manages them."""

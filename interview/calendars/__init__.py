"""The calendar feeds that other programs subscribe to, and the page that manages them."""

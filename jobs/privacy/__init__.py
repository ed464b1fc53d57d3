"""What happens to the data of people who were not hired, once they have been kept long enough."""

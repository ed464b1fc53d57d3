"""Load on the product: the changes of an interview day, and the people who watch it."""

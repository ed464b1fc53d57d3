"""Programs and services outside the product that tests start, fake or install."""

"""A game day: the running product with real monitoring, and faults that are caused one by one."""

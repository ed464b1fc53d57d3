"""The hub of a web process: admission, subscriptions, replay buffers, send queues, presence."""

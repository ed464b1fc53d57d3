"""The hub of a web process: admission, subscriptions, replay buffers, send queues and presence.

The sockets use it; it uses the log and the protocol, and knows nothing of the sockets.
"""

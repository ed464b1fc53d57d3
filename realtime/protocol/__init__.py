"""The WebSocket protocol: server and client frames, close codes, errors and limits.

Nothing here imports another part of `realtime`.
"""

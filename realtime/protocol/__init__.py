"""The WebSocket protocol: frames of server and client, close codes, errors, limits."""

"""The WebSocket consumers, and what a handshake needs: origin checks and tickets."""

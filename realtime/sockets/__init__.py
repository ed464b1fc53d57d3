"""The WebSocket consumers and what a handshake needs: origins, tickets."""

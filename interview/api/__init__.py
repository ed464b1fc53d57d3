"""The API of interview days: viewsets, serializers and filters of interviews, rooms and plans."""

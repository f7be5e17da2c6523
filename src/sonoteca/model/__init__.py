"""The nouns: frozen values that every floor above may hold. Nothing here reads, writes or knows the time."""

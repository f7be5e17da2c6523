"""One suite a port: the real thing and its double keep the same promises."""

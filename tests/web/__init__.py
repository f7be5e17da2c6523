"""The website from outside: its pages and what it hands out, asked over HTTP."""

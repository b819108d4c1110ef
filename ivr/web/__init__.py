"""The console: pages and the REST interface; talks to services only."""

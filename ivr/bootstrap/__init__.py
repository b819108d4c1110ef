"""Everything is put together here, by hand: the only place that knows every class."""

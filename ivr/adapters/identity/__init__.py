"""Other systems of the organisation that vouch for its people."""

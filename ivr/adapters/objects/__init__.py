"""Recordings in an S3-compatible store; the only home of obstore."""

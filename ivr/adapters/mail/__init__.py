"""Letters by SMTP, verified TLS only."""

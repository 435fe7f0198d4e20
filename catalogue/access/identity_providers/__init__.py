"""Identity providers: other issuers whose access tokens the API accepts."""

"""The REST kernel: what every operation, list, record and error of the API has in common."""

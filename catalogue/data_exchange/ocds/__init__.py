"""Open Contracting Data Standard 1.1: imports of releases, and the published pipeline."""

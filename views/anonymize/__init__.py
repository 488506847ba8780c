"""The anonymized kind: `groups` suppresses small and uniform groups, `release` says what a release of a view is."""

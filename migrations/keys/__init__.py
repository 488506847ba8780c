"""Migrations of the key store (`cdp.vault.tables`)."""

"""Migrations of the platform's own tables, run by Alembic."""

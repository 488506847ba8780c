"""Migrations of the tables of the platform itself, in the database of the data."""

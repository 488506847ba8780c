"""The platform: floor (catalogue, shapes, vault, store) and roof (services, command line).

The order of the layers is in `pyproject.toml`, and checked from there.
"""

"""What the platform does, one verb per file. An edge parses, calls one of these, and renders."""

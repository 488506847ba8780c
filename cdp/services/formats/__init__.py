"""The rows of an answer as bytes: each form a generator over columns and chunks that holds one chunk at a time.

records     JSON and NDJSON
sheet       CSV
arrow       Arrow IPC stream and Parquet
encode      the form by its name
"""

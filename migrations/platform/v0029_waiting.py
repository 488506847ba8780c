"""Queues of what waits, by the day it is due; a request whose clock stands has none."""

from alembic import op

revision = "platform_0029"
down_revision = "platform_0028"


def upgrade() -> None:
    """Makes the indexes."""
    op.create_index("cdp_request_waiting", "cdp_request", ["closed_at", "due_at", "request_id"])
    op.create_index("cdp_merge_merged", "cdp_merge", ["undone_at", "merged_at", "merge_id"])
    op.execute("UPDATE cdp_request SET due_at = '' WHERE state = 'paused' AND clock LIKE '%\"pauses\"\\:true%'")

"""The pages are true: what they show runs, what they list is all there is, what they name exists."""

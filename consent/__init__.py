"""What a person refused or allowed: `events` are the history, `precedence` turns them into flags, `flags` stores both."""

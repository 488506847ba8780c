"""The pages, and what generates parts of them: `generate` finds the parts, `generators` write them."""

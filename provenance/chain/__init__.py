"""The chain behind an asset: works, the parties who made them, and what was made of what."""

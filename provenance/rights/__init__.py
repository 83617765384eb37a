"""Terms, consent and shares: pure functions over the graph of works."""

"""What must hold for any input, tried on very many."""

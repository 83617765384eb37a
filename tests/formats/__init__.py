"""Container handlers: `test_contract` runs over all of them, one file each for what is special."""

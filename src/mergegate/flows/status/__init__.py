"""One screen: where am I, what changed against the target, what will the gate say, what to do next."""

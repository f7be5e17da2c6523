"""The proofs: unit mirrors src, contract has one suite a port, faults, vectors, scenarios, fuzz, house."""

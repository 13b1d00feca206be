"""Flows compose rooms; they are the only place where one room's answer becomes another's question."""

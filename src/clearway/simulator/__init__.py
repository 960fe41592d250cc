"""Drives a plan on real roads: queues, spillback, merges and people who do as they choose."""

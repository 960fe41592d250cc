"""The nouns: network, demand, situation, scenario, plan. Frozen, self-checking, no input or output."""

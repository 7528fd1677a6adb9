"""`make bench`: what Starquiz does in a second, and what a tap costs. Ratios are measured side by side in one run."""

"""How fast generated gradients are: cases, hand-written rivals, and the table of docs/benchmarks.md."""

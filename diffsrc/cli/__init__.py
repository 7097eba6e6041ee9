"""The command line: `diffsrc ir | build | check | opt | rules | syntax`."""

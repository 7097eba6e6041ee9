"""Tools that look at compilation: recordings of compile time, and what is drawn from them."""

"""Random whole programs: their derivatives against independent references."""

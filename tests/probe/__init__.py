"""The construct probe: small realistic functions, one per construct, each against independent references."""

"""Programs as scientists write them, field by field: nothing here knows of derivatives."""

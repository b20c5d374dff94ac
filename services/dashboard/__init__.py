"""The dashboard people look at: page models, templates and charts; it never reads the store."""

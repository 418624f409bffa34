"""Pictures with matplotlib, which is imported when something is drawn."""

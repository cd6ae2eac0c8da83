"""Statements as files and pages, opened by signed addresses: rendering, and their routes."""

"""Guides: policies of any form that act first and are never updated."""

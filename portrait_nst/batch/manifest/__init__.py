"""batch/manifest"""

"""batch/workers"""

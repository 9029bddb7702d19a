"""batch/planning"""

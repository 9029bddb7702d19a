"""transfer/objective"""

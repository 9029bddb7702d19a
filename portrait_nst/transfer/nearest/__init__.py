"""transfer/nearest"""

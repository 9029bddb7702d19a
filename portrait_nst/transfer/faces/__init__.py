"""transfer/faces"""

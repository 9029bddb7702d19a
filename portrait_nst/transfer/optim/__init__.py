"""transfer/optim"""

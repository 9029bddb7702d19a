"""The optimisation: the `parametrization` of the picture, L-BFGS, first-order methods, and the `factory` that chooses one."""

"""How the picture is changed: the `parametrization` that an optimizer works on, L-BFGS, first-order methods, and `factory`."""

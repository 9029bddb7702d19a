"""How pictures move: optical flow, where it can be trusted, pictures carried along it, cuts."""

"""What the engine does for faces: gain maps, a loss of identity, and the controller of a goal of likeness."""

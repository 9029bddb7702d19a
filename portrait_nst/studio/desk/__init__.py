"""The quick work, in a process of its own, the only one that a hostile file can end: people, mattes, previews, pop art."""

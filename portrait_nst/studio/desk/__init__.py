"""The quick work, in a process of its own: decoding, people, mattes, previews, pop art. A hostile file can end only this process."""

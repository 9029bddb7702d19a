"""How fast, and in how much memory: whole runs beside a plain recipe, and where the time goes."""

"""Planning: finding pictures, making jobs of them, naming their outputs, and deciding which jobs are left to do."""

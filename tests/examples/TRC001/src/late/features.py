"""Features, which every project writes by itself."""

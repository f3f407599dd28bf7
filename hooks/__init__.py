"""What cookiecutter runs before and after it writes a project."""

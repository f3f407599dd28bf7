"""What a repository holds, as typed values."""

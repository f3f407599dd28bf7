"""Data contracts: what they say, whether they are valid, what changed in them and who reads them."""

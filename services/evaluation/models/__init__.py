"""Models that no training job of this account made: uploaded archives, and the data that somebody attached to one."""

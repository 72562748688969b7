"""Files for people and other systems: made from what is stored, and never a place where anything is computed anew."""

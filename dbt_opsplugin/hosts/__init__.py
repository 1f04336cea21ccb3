"""Code that runs inside somebody else's process; all contact with their internals is here."""

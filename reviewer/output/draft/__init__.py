"""The draft reply: what is quoted, its header, and the mail as a whole."""

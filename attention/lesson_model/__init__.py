"""The lesson's small model: its sentences, its tokens, its network, how it is trained and what is true of it."""

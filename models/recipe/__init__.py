"""How the bundled Russian speech model is made: from word lists to a directory that Vosk loads."""

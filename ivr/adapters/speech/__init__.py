"""Speech to text: our recogniser process, its client, and the models they need."""

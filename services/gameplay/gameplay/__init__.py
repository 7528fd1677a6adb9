"""The game: energy, rounds, questions, streaks, leaderboards."""

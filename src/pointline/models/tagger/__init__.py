"""The embedded joint tagger: text labels and entities from one small network, trained from scratch on a CPU."""

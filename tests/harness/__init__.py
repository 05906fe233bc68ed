"""What the end-to-end tests are built from: Gudok and real peers as processes, speech, and scores."""

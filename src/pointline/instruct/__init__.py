"""From samples to training data: hard negatives, batched schema instructions, mixtures, data records."""

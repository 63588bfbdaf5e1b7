"""Who did what: `audit.models.record(by=…, verb=…, subject=…)` inside the action's transaction."""

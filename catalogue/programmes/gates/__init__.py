"""What a migration has to show before it enters a stage, and which stages it went through."""

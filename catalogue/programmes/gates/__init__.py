"""Gates of migrations: checklists, checks and waivers, and the stages that were entered."""

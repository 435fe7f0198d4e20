"""The supplier pipeline: what agencies choose to publish of contracts ending and procurements."""

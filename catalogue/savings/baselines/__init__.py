"""Baselines: the costs of systems without a programme, copied from cost lines and frozen."""

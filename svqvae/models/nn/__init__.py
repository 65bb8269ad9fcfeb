"""Networks and objectives in plain PyTorch."""

"""What people decide. Nothing here publishes; what takes effect is worked out in SQL."""

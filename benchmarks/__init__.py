"""What this repository measures about itself and about its peers."""

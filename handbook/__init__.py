"""The site that is made of docs/ and of the READMEs beside the code. `python3 dev.py docs` builds it."""

"""Networks of actors and critics, and the policies made of them."""

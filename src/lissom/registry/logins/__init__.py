"""Who a user is to a registry: where logins are kept, and how tokens are had for them."""

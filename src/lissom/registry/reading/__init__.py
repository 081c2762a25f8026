"""Documents and blobs from whoever of a route gives them, never believed before they are verified."""

"""Where repositories are reached and whom connections trust, as the files of container tools say it.

One file a format; each makes values of a text or of paths. ``routing.Routing`` joins them.
"""

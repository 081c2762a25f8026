"""COPY and ADD: what they bring, and what they can do in place of a RUN."""

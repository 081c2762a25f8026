FROM busy:1
COPY --chown=7:8 dir/deep /x/
RUN rm /x/e.md

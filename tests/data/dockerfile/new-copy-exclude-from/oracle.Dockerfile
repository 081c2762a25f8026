FROM busy:1
COPY --from=busy:1 /data /x/
RUN rm -r /x/sub /x/two
